// Gradient of pixel shuffle: dx[n, y, x, k] = activation_slope(x) * dy[n, y·f + ⌊p/f⌋, x·f + p mod f, k mod C] with p = ⌊k/C⌋: every
// value of x went to one place. dy: [N,f·H,f·W,C], activated: the shuffled tensor x, dx: [N,H,W,f²·C], each f32 or f16, padded as in pixel_shuffle.wgsl;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<source>;
@group(0) @binding(2) var<storage, read> activated: array<activated4>;
@group(0) @binding(3) var<storage, read_write> dx: array<result4>;

// What came of channel k of the pixel at (n, row, column) of x; zero for the surplus channels.
fn gradient_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return f32(dy[fine * 4 * params.y_c4 + k % params.channels]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.x_c4) { return; }
  let k = 4 * (index % params.x_c4);
  let pixel = index / params.x_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  var gradient = vec4f(
    gradient_of(n, row, column, k),
    gradient_of(n, row, column, k + 1),
    gradient_of(n, row, column, k + 2),
    gradient_of(n, row, column, k + 3),
  );
  gradient *= activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { gradient += vec4f(dx[index]); }
  dx[index] = to_result4(gradient);
}
