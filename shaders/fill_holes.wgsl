// Filling of holes, pixels whose channels are all ≤ 0 or all ≥ 1: y is the mean of the other pixels in the square of 2·RADIUS + 1 around, weighted
// by distance^-6 (inverse distance weighting, Shepard 1968), or x where there are none; y = x elsewhere. Nothing lies beyond the border.
// x, y: [images][height][width][c4] vec4 f32.
// An invocation owns one vec4 of a pixel.
struct Params { count: i32, height: i32, width: i32, c4: i32, channels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

const RADIUS = 3;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let value = x[index];
  if (!extremes_of(index).x) {
    y[index] = value;
    return;
  }
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = pixel / params.width % params.height;
  var sum = vec4f();
  var total = 0.0;
  for (var dy = max(-RADIUS, -row); dy <= min(RADIUS, params.height - 1 - row); dy++) {
    for (var dx = max(-RADIUS, -column); dx <= min(RADIUS, params.width - 1 - column); dx++) {
      let near = index + (dy * params.width + dx) * params.c4;
      if (extremes_of(near).x) { continue; }
      let squared = f32(dy * dy + dx * dx);
      let weight = 1.0 / (squared * squared * squared);
      sum += weight * x[near];
      total += weight;
    }
  }
  y[index] = select(value, sum / max(total, 1e-9), total > 0.0);
}
