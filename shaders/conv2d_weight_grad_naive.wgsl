// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4], each f32 or f16,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read> dy: array<gradient4>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = vec4f(x[(base + (column >> params.shift)) * params.in4 + c]);
      let d = vec4f(dy[(out_row * params.out_width + out_column) * params.out4 + o]);
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
