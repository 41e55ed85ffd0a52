// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4]; f32 or f16, summed in f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read_write> y: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = vec4f(bias[o]);
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = vec4f(a[at_a + c]); } else { v = vec4f(b[at_b + c - params.a4]); }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), vec4f(w[t]), sum);
        sum = fma(vec4f(v.y), vec4f(w[t + params.out4]), sum);
        sum = fma(vec4f(v.z), vec4f(w[t + 2 * params.out4]), sum);
        sum = fma(vec4f(v.w), vec4f(w[t + 3 * params.out4]), sum);
      }
    }
  }
  y[index] = to_result4(activate(sum));
}
