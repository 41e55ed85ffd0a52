// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4s of f32 or f16, each its own;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> activated: array<activated4>;
@group(0) @binding(3) var<storage, read_write> dx: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = vec4f(dy[index]) * activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { gradient += vec4f(dx[index]); }
  dx[index] = to_result4(gradient);
}
