// Pixel unshuffle (space to depth): y[n, y, x, (dy·f + dx)·C + c] = x[n, y·f + dy, x·f + dx, c], f = params.factor, C = params.channels.
// x: [N,f·H,f·W,C], y: [N,H,W,f²·C], both f32 and padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

// Channel k of the pixel at (n, row, column) of y; zero for the surplus channels.
fn value_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return x[fine * 4 * params.x_c4 + k % params.channels];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.y_c4) { return; }
  let k = 4 * (index % params.y_c4);
  let pixel = index / params.y_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  y[index] = vec4f(
    value_of(n, row, column, k),
    value_of(n, row, column, k + 1),
    value_of(n, row, column, k + 2),
    value_of(n, row, column, k + 3),
  );
}
