// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says, by tiles of 8×4 pixels: all of conv2d_tile8x4 and conv2d_subgroup8x4 but where
// weights come from. Included behind conv2d_tile.wgsl and conv2d_kernel9.wgsl.
// An invocation owns 8×4 pixels by 4·OUTPUTS4 outputs (4, 8 or 16: one, two or four vec4s; 16 are two blocks of weights): up to 128 vec4
// accumulators, no barrier, no workgroup memory. On a software adapter a load of a vec4 costs as much as twenty multiply-adds of one, from
// a storage buffer twice that: so the tile is large, every pixel and weight is loaded once for each four inputs, and the sums spill to
// the stack, which is cheap. A compiler that takes long over straight code (SwiftShader's: minutes) is better served by conv2d_tile8.

// Four rows of eight pixels, four channels.
struct Tile {
  r0: Sums,
  r1: Sums,
  r2: Sums,
  r3: Sums,
}

fn filled(value: vec4f) -> Tile { return Tile(eight(value), eight(value), eight(value), eight(value)); }

// Adds what each of the six rows of pixels that a tile meets gives to it.
fn add0(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(first_row(s.r0, v, k), s.r1, s.r2, s.r3); }
fn add1(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(second_row(s.r0, v, k), first_row(s.r1, v, k), s.r2, s.r3); }
fn add2(s: Tile, v: Pixels, k: Kernel) -> Tile {
  return Tile(third_row(s.r0, v, k), second_row(s.r1, v, k), first_row(s.r2, v, k), s.r3);
}
fn add3(s: Tile, v: Pixels, k: Kernel) -> Tile {
  return Tile(s.r0, third_row(s.r1, v, k), second_row(s.r2, v, k), first_row(s.r3, v, k));
}
fn add4(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(s.r0, s.r1, third_row(s.r2, v, k), second_row(s.r3, v, k)); }
fn add5(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(s.r0, s.r1, s.r2, third_row(s.r3, v, k)); }

// What y holds, to add to, from the tile's first pixel on; `below` rows are inside of the image. What is outside reads inside, and is not stored.
fn tile_loaded(at: i32, row: i32, below: i32, last: i32) -> Tile {
  return Tile(
    loaded(at, last),
    loaded(at + min(1, below) * row, last),
    loaded(at + min(2, below) * row, last),
    loaded(at + min(3, below) * row, last),
  );
}

fn tile_store(at: i32, row: i32, below: i32, last: i32, s: Tile) {
  store(at, last, s.r0);
  if (below >= 1) { store(at + row, last, s.r1); }
  if (below >= 2) { store(at + 2 * row, last, s.r2); }
  if (below >= 3) { store(at + 3 * row, last, s.r3); }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let at_place = place(id, group, groups, params.batch * across * down);
  let lane = i32(local % 8u);
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  // Of four outputs, the first half of a block; of sixteen, two blocks.
  let block = at_place.block * ((OUTPUTS4 + 1) / 2) * params.block_vec4s;
  let out = params.first_block * 2 + at_place.block * OUTPUTS4;
  let last = min(7, params.width - 1 - x0);
  let below = params.height - 1 - y0;
  let row = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = filled(w[bias]);
  var s1 = filled(w[bias + 1]);
  var s2 = filled(w[bias + params.block_vec4s]);
  var s3 = filled(w[bias + params.block_vec4s + 1]);
  if (MODE == 2u) {
    let more = params.out4 - 1 - out;
    s0 = tile_loaded(at, row, below, last);
    if (OUTPUTS4 > 1) { s1 = tile_loaded(at + min(1, more), row, below, last); }
    if (OUTPUTS4 > 2) {
      s2 = tile_loaded(at + min(2, more), row, below, last);
      s3 = tile_loaded(at + min(3, more), row, below, last);
    }
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    let first = block + c * 8;
    // What is not used is not loaded.
    let k0 = first_outputs(first, step, lane);
    let k1 = last_outputs(first, step, lane);
    let k2 = first_outputs(first + params.block_vec4s, step, lane);
    let k3 = last_outputs(first + params.block_vec4s, step, lane);
    let v0 = pixels(n, y0 - 1, x0, c);
    s0 = add0(s0, v0, k0);
    if (OUTPUTS4 > 1) { s1 = add0(s1, v0, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add0(s2, v0, k2);
      s3 = add0(s3, v0, k3);
    }
    let v1 = pixels(n, y0, x0, c);
    s0 = add1(s0, v1, k0);
    if (OUTPUTS4 > 1) { s1 = add1(s1, v1, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add1(s2, v1, k2);
      s3 = add1(s3, v1, k3);
    }
    let v2 = pixels(n, y0 + 1, x0, c);
    s0 = add2(s0, v2, k0);
    if (OUTPUTS4 > 1) { s1 = add2(s1, v2, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add2(s2, v2, k2);
      s3 = add2(s3, v2, k3);
    }
    let v3 = pixels(n, y0 + 2, x0, c);
    s0 = add3(s0, v3, k0);
    if (OUTPUTS4 > 1) { s1 = add3(s1, v3, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add3(s2, v3, k2);
      s3 = add3(s3, v3, k3);
    }
    let v4 = pixels(n, y0 + 3, x0, c);
    s0 = add4(s0, v4, k0);
    if (OUTPUTS4 > 1) { s1 = add4(s1, v4, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add4(s2, v4, k2);
      s3 = add4(s3, v4, k3);
    }
    let v5 = pixels(n, y0 + 4, x0, c);
    s0 = add5(s0, v5, k0);
    if (OUTPUTS4 > 1) { s1 = add5(s1, v5, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add5(s2, v5, k2);
      s3 = add5(s3, v5, k3);
    }
    c++;
    // A loop that tests at its top walks its body once more on a processor, all lanes masked.
    if (c >= params.in4) { break; }
  }

  // Not before: lanes that have no tile of their own share their loads with those that have.
  if (!at_place.inside) { return; }
  tile_store(at, row, below, last, s0);
  if (OUTPUTS4 > 1 && out + 1 < params.out4) { tile_store(at + 1, row, below, last, s1); }
  if (OUTPUTS4 > 2 && out + 2 < params.out4) { tile_store(at + 2, row, below, last, s2); }
  if (OUTPUTS4 > 2 && out + 3 < params.out4) { tile_store(at + 3, row, below, last, s3); }
}
