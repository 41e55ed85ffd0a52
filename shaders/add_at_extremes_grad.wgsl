// Gradient of a correction of extremes for the correction r: dr = activation_slope(r) * dy where x is extreme (extremes.wgsl), else 0; over vec4s, x of f32,
// the others of f32 or f16, each its own;
// added to what dr holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, c4: i32, channels: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> dr: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = select(vec4f(0.0), vec4f(dy[index]) * activation_slope(vec4f(activated[index])), extremes_of(index));
  if (params.accumulate != 0) { gradient += vec4f(dr[index]); }
  dr[index] = to_result4(gradient);
}
