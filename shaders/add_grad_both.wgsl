// Gradient of a residual add, for both of its terms at once: da = activation_slope(a) * dy and db = activation_slope(b) * dy, elementwise
// over vec4 f32; added to what da or db holds where params.accumulate_a or accumulate_b is set. An invocation owns one vec4.
struct Params { count: i32, accumulate_a: i32, accumulate_b: i32, activation_a: u32, activation_b: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> a: array<vec4f>;
@group(0) @binding(3) var<storage, read> b: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> da: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> db: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = dy[index];
  var to_a = gradient * slope_as(a[index], params.activation_a);
  if (params.accumulate_a != 0) { to_a += da[index]; }
  da[index] = to_a;
  var to_b = gradient * slope_as(b[index], params.activation_b);
  if (params.accumulate_b != 0) { to_b += db[index]; }
  db[index] = to_b;
}
