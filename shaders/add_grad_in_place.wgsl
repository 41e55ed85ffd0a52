// Gradient of a residual add, for both of its terms at once: da = activation_slope(a) * dy takes the place of dy, which nobody needs
// any more, and db = activation_slope(b) * dy is added to what db holds when params.accumulate is set. Elementwise over vec4s of f32 or f16, each
// its own; an
// invocation owns one vec4.
struct Params { count: i32, accumulate: i32, activation_a: u32, activation_b: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<a4>;
@group(0) @binding(2) var<storage, read> b: array<b4>;
@group(0) @binding(3) var<storage, read_write> dy: array<gradient4>;
@group(0) @binding(4) var<storage, read_write> db: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = vec4f(dy[index]);
  dy[index] = to_gradient4(gradient * slope_as(vec4f(a[index]), params.activation_a));
  var to_b = gradient * slope_as(vec4f(b[index]), params.activation_b);
  if (params.accumulate != 0) { to_b += vec4f(db[index]); }
  db[index] = to_result4(to_b);
}
