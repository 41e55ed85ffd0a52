// Gradient of a correction of extremes for the correction r: dr = activation_slope(r) * dy where x ≤ 0 or x ≥ 1, else 0, each channel by
// itself; elementwise over vec4 f32; added to what dr holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dr: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let value = x[index];
  let good = (value > vec4f(0.0)) & (value < vec4f(1.0));
  var gradient = select(dy[index] * activation_slope(activated[index]), vec4f(0.0), good);
  if (params.accumulate != 0) { gradient += dr[index]; }
  dr[index] = gradient;
}
