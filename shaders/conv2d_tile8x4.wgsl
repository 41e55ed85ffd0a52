// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
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

// Adds the nine taps from `first` on, `step` apart, over the six rows of pixels that they meet.
fn add(before: Tile, v0: Pixels, v1: Pixels, v2: Pixels, v3: Pixels, v4: Pixels, v5: Pixels, first: i32, step: i32) -> Tile {
  let w00 = tap(first);
  let w01 = tap(first + step);
  let w02 = tap(first + 2 * step);
  let w10 = tap(first + 3 * step);
  let w11 = tap(first + 4 * step);
  let w12 = tap(first + 5 * step);
  let w20 = tap(first + 6 * step);
  let w21 = tap(first + 7 * step);
  let w22 = tap(first + 8 * step);
  var s = before;
  s.r0 = taps(taps(taps(s.r0, v0, w00, w01, w02), v1, w10, w11, w12), v2, w20, w21, w22);
  s.r1 = taps(taps(taps(s.r1, v1, w00, w01, w02), v2, w10, w11, w12), v3, w20, w21, w22);
  s.r2 = taps(taps(taps(s.r2, v2, w00, w01, w02), v3, w10, w11, w12), v4, w20, w21, w22);
  s.r3 = taps(taps(taps(s.r3, v3, w00, w01, w02), v4, w10, w11, w12), v5, w20, w21, w22);
  return s;
}

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
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let at_place = place(id, group, groups, params.batch * across * down);
  if (!at_place.inside) { return; }
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
    let v0 = pixels(n, y0 - 1, x0, c);
    let v1 = pixels(n, y0, x0, c);
    let v2 = pixels(n, y0 + 1, x0, c);
    let v3 = pixels(n, y0 + 2, x0, c);
    let v4 = pixels(n, y0 + 3, x0, c);
    let v5 = pixels(n, y0 + 4, x0, c);
    s0 = add(s0, v0, v1, v2, v3, v4, v5, first, step);
    if (OUTPUTS4 > 1) { s1 = add(s1, v0, v1, v2, v3, v4, v5, first + 1, step); }
    if (OUTPUTS4 > 2) {
      s2 = add(s2, v0, v1, v2, v3, v4, v5, first + params.block_vec4s, step);
      s3 = add(s3, v0, v1, v2, v3, v4, v5, first + params.block_vec4s + 1, step);
    }
    c++;
    // A loop that tests at its top walks its body once more on a processor, all lanes masked.
    if (c >= params.in4) { break; }
  }

  tile_store(at, row, below, last, s0);
  if (OUTPUTS4 > 1 && out + 1 < params.out4) { tile_store(at + 1, row, below, last, s1); }
  if (OUTPUTS4 > 2 && out + 2 < params.out4) { tile_store(at + 2, row, below, last, s2); }
  if (OUTPUTS4 > 2 && out + 3 < params.out4) { tile_store(at + 3, row, below, last, s3); }
}
