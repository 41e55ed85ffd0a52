// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation (in workgroups of WORKGROUP):
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: channels 4·first4 .. 4·(first4 + in4) of one source [N,H,W,4·x4], f32 or f16, of half the size when params.shift is 1 (nearest upsampling
// by the address). Of joined sources, or parts of one, the first is run with params.activation 0, and the others add to it (MODE 2).
// y: [N,H,W,4·out4], f32 or f16; sums are f32. Channels beyond the tensor's own are zero.
// w: f32, blocks of 8 outputs, `params.block_vec4s` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold, or all from a storage buffer: the files of the kernels declare it, binding 2.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, blocks: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> y: array<result4>;

// 0: input gradient (activation_slope of `activated`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;
// Forward, 1: what `activated` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;
// 0: blocks lie along z, so that all lanes read the same weights. 1: blocks follow each other among the lanes, so that few tiles fill
// them as well: on a processor a load costs the same whatever the lanes read. 2: the same, but the eight lanes of a subgroup have one block.
override BLOCKS_IN_LANES: u32 = 0u;

// Which tile of `tiles` and which block of outputs an invocation owns. Where there is none `inside` is false, and they are another's.
struct Place {
  tile: i32,
  block: i32,
  inside: bool,
}

fn place(id: vec3u, group: vec3u, groups: vec3u, tiles: i32) -> Place {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (BLOCKS_IN_LANES == 0u) { return Place(min(index, tiles - 1), i32(group.z), index < tiles); }
  let stride = select(tiles, (tiles + 7) / 8 * 8, BLOCKS_IN_LANES == 2u);
  let inside = index % stride < tiles && index / stride < params.blocks;
  return Place(min(index % stride, tiles - 1), min(index / stride, params.blocks - 1), inside);
}

// Ten pixels of a row of x, four channels: the eight of the tile and one on either side.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
  v4: vec4f,
  v5: vec4f,
  v6: vec4f,
  v7: vec4f,
  v8: vec4f,
  v9: vec4f,
}
// Eight pixels of a row of y, four channels.
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
}
// A tap's weights of four inputs by four outputs.
struct Tap {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

fn tap(at: i32) -> Tap { return Tap(w[at], w[at + 2], w[at + 4], w[at + 6]); }

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  let v = vec4f(x[(base + (kept >> params.shift)) * params.x4 + params.first4 + c]);
  return select(vec4f(), v, inside && column == kept);
}

fn pixels(n: i32, row: i32, x0: i32, c: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  return Pixels(
    pixel(base, x0 - 1, c, inside),
    pixel(base, x0, c, inside),
    pixel(base, x0 + 1, c, inside),
    pixel(base, x0 + 2, c, inside),
    pixel(base, x0 + 3, c, inside),
    pixel(base, x0 + 4, c, inside),
    pixel(base, x0 + 5, c, inside),
    pixel(base, x0 + 6, c, inside),
    pixel(base, x0 + 7, c, inside),
    pixel(base, x0 + 8, c, inside),
  );
}

fn mac(sum: vec4f, v: vec4f, t: Tap) -> vec4f {
  return fma(t.i3, vec4f(v.w), fma(t.i2, vec4f(v.z), fma(t.i1, vec4f(v.y), fma(t.i0, vec4f(v.x), sum))));
}

// Adds a row of three taps over a row of pixels.
fn taps(before: Sums, v: Pixels, left: Tap, middle: Tap, right: Tap) -> Sums {
  var s = before;
  s.s0 = mac(s.s0, v.v0, left);
  s.s1 = mac(s.s1, v.v1, left);
  s.s2 = mac(s.s2, v.v2, left);
  s.s3 = mac(s.s3, v.v3, left);
  s.s4 = mac(s.s4, v.v4, left);
  s.s5 = mac(s.s5, v.v5, left);
  s.s6 = mac(s.s6, v.v6, left);
  s.s7 = mac(s.s7, v.v7, left);
  s.s0 = mac(s.s0, v.v1, middle);
  s.s1 = mac(s.s1, v.v2, middle);
  s.s2 = mac(s.s2, v.v3, middle);
  s.s3 = mac(s.s3, v.v4, middle);
  s.s4 = mac(s.s4, v.v5, middle);
  s.s5 = mac(s.s5, v.v6, middle);
  s.s6 = mac(s.s6, v.v7, middle);
  s.s7 = mac(s.s7, v.v8, middle);
  s.s0 = mac(s.s0, v.v2, right);
  s.s1 = mac(s.s1, v.v3, right);
  s.s2 = mac(s.s2, v.v4, right);
  s.s3 = mac(s.s3, v.v5, right);
  s.s4 = mac(s.s4, v.v6, right);
  s.s5 = mac(s.s5, v.v7, right);
  s.s6 = mac(s.s6, v.v8, right);
  s.s7 = mac(s.s7, v.v9, right);
  return s;
}

fn eight(value: vec4f) -> Sums { return Sums(value, value, value, value, value, value, value, value); }

// What y holds, to add to; a pixel outside of the row reads one inside, and is not stored.
fn loaded(at: i32, last: i32) -> Sums {
  return Sums(
    vec4f(y[at]),
    vec4f(y[at + min(1, last) * params.out4]),
    vec4f(y[at + min(2, last) * params.out4]),
    vec4f(y[at + min(3, last) * params.out4]),
    vec4f(y[at + min(4, last) * params.out4]),
    vec4f(y[at + min(5, last) * params.out4]),
    vec4f(y[at + min(6, last) * params.out4]),
    vec4f(y[at + min(7, last) * params.out4]),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    var result = activate_as(value, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = to_result4(result);
  } else {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = to_result4(gradient);
  }
}

// Stores a row of which the pixels up to `last` are inside of the image.
fn store(at: i32, last: i32, s: Sums) {
  put(at, s.s0);
  if (last >= 1) { put(at + 1 * params.out4, s.s1); }
  if (last >= 2) { put(at + 2 * params.out4, s.s2); }
  if (last >= 3) { put(at + 3 * params.out4, s.s3); }
  if (last >= 4) { put(at + 4 * params.out4, s.s4); }
  if (last >= 5) { put(at + 5 * params.out4, s.s5); }
  if (last >= 6) { put(at + 6 * params.out4, s.s6); }
  if (last >= 7) { put(at + 7 * params.out4, s.s7); }
}
