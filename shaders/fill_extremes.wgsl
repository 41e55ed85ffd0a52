// Filling of extremes: y = x where 0 < x < 1; elsewhere the mean of such good values of the same channel in the square of 2·RADIUS + 1 around,
// weighted by distance^-6 (inverse distance weighting, Shepard 1968); x where there are none. Nothing lies beyond the border.
// x, y: [images][height][width][c4] vec4 f32.
// An invocation owns one vec4 of a pixel.
struct Params { count: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

const RADIUS = 3;

fn good(value: vec4f) -> vec4<bool> { return (value > vec4f(0.0)) & (value < vec4f(1.0)); }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let value = x[index];
  let kept = good(value);
  if (all(kept)) {
    y[index] = value;
    return;
  }
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = pixel / params.width % params.height;
  var sum = vec4f();
  var total = vec4f();
  for (var dy = max(-RADIUS, -row); dy <= min(RADIUS, params.height - 1 - row); dy++) {
    for (var dx = max(-RADIUS, -column); dx <= min(RADIUS, params.width - 1 - column); dx++) {
      let near = x[index + (dy * params.width + dx) * params.c4];
      let squared = f32(dy * dy + dx * dx);
      // Where dy and dx are 0 the value is the extreme itself, which does not count: the divisor only must not be 0.
      let weight = select(vec4f(), vec4f(1.0 / max(squared * squared * squared, 1.0)), good(near));
      sum += weight * near;
      total += weight;
    }
  }
  let filled = select(value, sum / max(total, vec4f(1e-9)), total > vec4f(0.0));
  y[index] = select(filled, value, kept);
}
