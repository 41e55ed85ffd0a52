// Convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: sources a and b joined along the channels, each [N,H,W,4·(a4|b4)] f32; source a may be of half the size (params.a_shift = 1:
// nearest upsampling by the address). y: [N,H,W,4·out4] f32. Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, `params.block_vec4s` apart: [9 taps][inside4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many blocks as 64 KiB hold.
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. Weights have the same
// address in all lanes of a workgroup (one block of outputs each), which uniform buffers serve at register speed.
struct Params {
  batch: i32, height: i32, width: i32,
  a4: i32, b4: i32, a_shift: u32,
  out4: i32, first_block: i32, block_vec4s: i32,
  accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(4) var<storage, read> activated: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

// 1: forward (bias, activation). 0: input gradient (activation_slope of `activated`, accumulate).
override FORWARD: u32 = 1u;

fn mac(acc: vec4f, v: vec4f, w0: vec4f, w1: vec4f, w2: vec4f, w3: vec4f) -> vec4f {
  return fma(w3, vec4f(v.w), fma(w2, vec4f(v.z), fma(w1, vec4f(v.y), fma(w0, vec4f(v.x), acc))));
}

fn store(at: i32, value: vec4f) {
  if (FORWARD == 1u) {
    y[at] = activate(value);
  } else {
    var gradient = value * activation_slope(activated[at]);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let height = params.height;
  let width = params.width;
  let runs = (width + 7) / 8;
  let run = i32(id.x + id.y * groups.x * 64u);
  if (run >= params.batch * height * runs) { return; }
  let x0 = (run % runs) * 8;
  let row = (run / runs) % height;
  let n = run / (runs * height);
  let block = i32(group.z) * params.block_vec4s;
  let in4 = params.a4 + params.b4;

  // Columns x0-1 .. x0+8, kept inside the row for the load; those outside count as zero.
  let c0 = clamp(x0 + -1, 0, width - 1);
  let c1 = clamp(x0 + 0, 0, width - 1);
  let c2 = clamp(x0 + 1, 0, width - 1);
  let c3 = clamp(x0 + 2, 0, width - 1);
  let c4 = clamp(x0 + 3, 0, width - 1);
  let c5 = clamp(x0 + 4, 0, width - 1);
  let c6 = clamp(x0 + 5, 0, width - 1);
  let c7 = clamp(x0 + 6, 0, width - 1);
  let c8 = clamp(x0 + 7, 0, width - 1);
  let c9 = clamp(x0 + 8, 0, width - 1);
  let left = x0 > 0;
  let inside2 = x0 + 1 < width;
  let inside3 = x0 + 2 < width;
  let inside4 = x0 + 3 < width;
  let inside5 = x0 + 4 < width;
  let inside6 = x0 + 5 < width;
  let inside7 = x0 + 6 < width;
  let inside8 = x0 + 7 < width;
  let inside9 = x0 + 8 < width;

  let bias = block + 72 * in4;
  var s00 = w[bias + 0];
  var s10 = w[bias + 0];
  var s20 = w[bias + 0];
  var s30 = w[bias + 0];
  var s40 = w[bias + 0];
  var s50 = w[bias + 0];
  var s60 = w[bias + 0];
  var s70 = w[bias + 0];
  var s01 = w[bias + 1];
  var s11 = w[bias + 1];
  var s21 = w[bias + 1];
  var s31 = w[bias + 1];
  var s41 = w[bias + 1];
  var s51 = w[bias + 1];
  var s61 = w[bias + 1];
  var s71 = w[bias + 1];

  for (var c = 0; c < in4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let source_row = row + ky - 1;
      if (source_row < 0 || source_row >= height) { continue; }
      var v0: vec4f;
      var v1: vec4f;
      var v2: vec4f;
      var v3: vec4f;
      var v4: vec4f;
      var v5: vec4f;
      var v6: vec4f;
      var v7: vec4f;
      var v8: vec4f;
      var v9: vec4f;
      if (c < params.a4) {
        let shift = params.a_shift;
        let base = (n * (height >> shift) + (source_row >> shift)) * (width >> shift);
        v0 = a[(base + (c0 >> shift)) * params.a4 + c];
        v1 = a[(base + (c1 >> shift)) * params.a4 + c];
        v2 = a[(base + (c2 >> shift)) * params.a4 + c];
        v3 = a[(base + (c3 >> shift)) * params.a4 + c];
        v4 = a[(base + (c4 >> shift)) * params.a4 + c];
        v5 = a[(base + (c5 >> shift)) * params.a4 + c];
        v6 = a[(base + (c6 >> shift)) * params.a4 + c];
        v7 = a[(base + (c7 >> shift)) * params.a4 + c];
        v8 = a[(base + (c8 >> shift)) * params.a4 + c];
        v9 = a[(base + (c9 >> shift)) * params.a4 + c];
      } else {
        let base = (n * height + source_row) * width;
        let channel = c - params.a4;
        v0 = b[(base + c0) * params.b4 + channel];
        v1 = b[(base + c1) * params.b4 + channel];
        v2 = b[(base + c2) * params.b4 + channel];
        v3 = b[(base + c3) * params.b4 + channel];
        v4 = b[(base + c4) * params.b4 + channel];
        v5 = b[(base + c5) * params.b4 + channel];
        v6 = b[(base + c6) * params.b4 + channel];
        v7 = b[(base + c7) * params.b4 + channel];
        v8 = b[(base + c8) * params.b4 + channel];
        v9 = b[(base + c9) * params.b4 + channel];
      }
      v0 = select(vec4f(), v0, left);
      v2 = select(vec4f(), v2, inside2);
      v3 = select(vec4f(), v3, inside3);
      v4 = select(vec4f(), v4, inside4);
      v5 = select(vec4f(), v5, inside5);
      v6 = select(vec4f(), v6, inside6);
      v7 = select(vec4f(), v7, inside7);
      v8 = select(vec4f(), v8, inside8);
      v9 = select(vec4f(), v9, inside9);
      let tap = block + (ky * 3 * in4 + c) * 8;
      {
        let t = tap;
        let w00 = w[t + 0];
        let w10 = w[t + 2];
        let w20 = w[t + 4];
        let w30 = w[t + 6];
        s00 = mac(s00, v0, w00, w10, w20, w30);
        s10 = mac(s10, v1, w00, w10, w20, w30);
        s20 = mac(s20, v2, w00, w10, w20, w30);
        s30 = mac(s30, v3, w00, w10, w20, w30);
        s40 = mac(s40, v4, w00, w10, w20, w30);
        s50 = mac(s50, v5, w00, w10, w20, w30);
        s60 = mac(s60, v6, w00, w10, w20, w30);
        s70 = mac(s70, v7, w00, w10, w20, w30);
        let w01 = w[t + 1];
        let w11 = w[t + 3];
        let w21 = w[t + 5];
        let w31 = w[t + 7];
        s01 = mac(s01, v0, w01, w11, w21, w31);
        s11 = mac(s11, v1, w01, w11, w21, w31);
        s21 = mac(s21, v2, w01, w11, w21, w31);
        s31 = mac(s31, v3, w01, w11, w21, w31);
        s41 = mac(s41, v4, w01, w11, w21, w31);
        s51 = mac(s51, v5, w01, w11, w21, w31);
        s61 = mac(s61, v6, w01, w11, w21, w31);
        s71 = mac(s71, v7, w01, w11, w21, w31);
      }
      {
        let t = tap + in4 * 8;
        let w00 = w[t + 0];
        let w10 = w[t + 2];
        let w20 = w[t + 4];
        let w30 = w[t + 6];
        s00 = mac(s00, v1, w00, w10, w20, w30);
        s10 = mac(s10, v2, w00, w10, w20, w30);
        s20 = mac(s20, v3, w00, w10, w20, w30);
        s30 = mac(s30, v4, w00, w10, w20, w30);
        s40 = mac(s40, v5, w00, w10, w20, w30);
        s50 = mac(s50, v6, w00, w10, w20, w30);
        s60 = mac(s60, v7, w00, w10, w20, w30);
        s70 = mac(s70, v8, w00, w10, w20, w30);
        let w01 = w[t + 1];
        let w11 = w[t + 3];
        let w21 = w[t + 5];
        let w31 = w[t + 7];
        s01 = mac(s01, v1, w01, w11, w21, w31);
        s11 = mac(s11, v2, w01, w11, w21, w31);
        s21 = mac(s21, v3, w01, w11, w21, w31);
        s31 = mac(s31, v4, w01, w11, w21, w31);
        s41 = mac(s41, v5, w01, w11, w21, w31);
        s51 = mac(s51, v6, w01, w11, w21, w31);
        s61 = mac(s61, v7, w01, w11, w21, w31);
        s71 = mac(s71, v8, w01, w11, w21, w31);
      }
      {
        let t = tap + 2 * in4 * 8;
        let w00 = w[t + 0];
        let w10 = w[t + 2];
        let w20 = w[t + 4];
        let w30 = w[t + 6];
        s00 = mac(s00, v2, w00, w10, w20, w30);
        s10 = mac(s10, v3, w00, w10, w20, w30);
        s20 = mac(s20, v4, w00, w10, w20, w30);
        s30 = mac(s30, v5, w00, w10, w20, w30);
        s40 = mac(s40, v6, w00, w10, w20, w30);
        s50 = mac(s50, v7, w00, w10, w20, w30);
        s60 = mac(s60, v8, w00, w10, w20, w30);
        s70 = mac(s70, v9, w00, w10, w20, w30);
        let w01 = w[t + 1];
        let w11 = w[t + 3];
        let w21 = w[t + 5];
        let w31 = w[t + 7];
        s01 = mac(s01, v2, w01, w11, w21, w31);
        s11 = mac(s11, v3, w01, w11, w21, w31);
        s21 = mac(s21, v4, w01, w11, w21, w31);
        s31 = mac(s31, v5, w01, w11, w21, w31);
        s41 = mac(s41, v6, w01, w11, w21, w31);
        s51 = mac(s51, v7, w01, w11, w21, w31);
        s61 = mac(s61, v8, w01, w11, w21, w31);
        s71 = mac(s71, v9, w01, w11, w21, w31);
      }
    }
  }

  let first = (params.first_block + i32(group.z)) * 2;
  let at = ((n * height + row) * width + x0) * params.out4 + first;
  let two = first + 1 < params.out4;
  store(at + 0 * params.out4, s00);
  if (two) { store(at + 0 * params.out4 + 1, s01); }
  if (inside2) {
    store(at + 1 * params.out4, s10);
    if (two) { store(at + 1 * params.out4 + 1, s11); }
  }
  if (inside3) {
    store(at + 2 * params.out4, s20);
    if (two) { store(at + 2 * params.out4 + 1, s21); }
  }
  if (inside4) {
    store(at + 3 * params.out4, s30);
    if (two) { store(at + 3 * params.out4 + 1, s31); }
  }
  if (inside5) {
    store(at + 4 * params.out4, s40);
    if (two) { store(at + 4 * params.out4 + 1, s41); }
  }
  if (inside6) {
    store(at + 5 * params.out4, s50);
    if (two) { store(at + 5 * params.out4 + 1, s51); }
  }
  if (inside7) {
    store(at + 6 * params.out4, s60);
    if (two) { store(at + 6 * params.out4 + 1, s61); }
  }
  if (inside8) {
    store(at + 7 * params.out4, s70);
    if (two) { store(at + 7 * params.out4 + 1, s71); }
  }
}
