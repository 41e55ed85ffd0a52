// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this, with conv2d_kernel9.wgsl), for subgroups of eight lanes that are a
// workgroup each.
// A lane owns 8×8 pixels by four outputs (64 vec4 accumulators); OUT_LANES lanes in a row, 8 or 4, own the same pixels and outputs that follow each other.
// They load each pixel once between them and hand it around: on a software adapter a load costs as much as twenty to fifty multiply-adds of a vec4,
// a broadcast less than one.
// No lane leaves before the end: what is broadcast has to be there. Those without a tile or outputs of their own compute another's and do not store.
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;

// Ten pixels of a row, of which each lane loads two or three.
fn shared_pixels(n: i32, row: i32, x0: i32, c: i32, lane: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  let column = x0 - 1 + lane % OUT_LANES;
  let a = pixel(base, column, c, inside);
  let b = pixel(base, column + OUT_LANES, c, inside);
  if (OUT_LANES == 8) {
    return Pixels(
      subgroupBroadcast(a, 0u),
      subgroupBroadcast(a, 1u),
      subgroupBroadcast(a, 2u),
      subgroupBroadcast(a, 3u),
      subgroupBroadcast(a, 4u),
      subgroupBroadcast(a, 5u),
      subgroupBroadcast(a, 6u),
      subgroupBroadcast(a, 7u),
      subgroupBroadcast(b, 0u),
      subgroupBroadcast(b, 1u),
    );
  }
  let d = pixel(base, column + 2 * OUT_LANES, c, inside);
  return Pixels(
    quadBroadcast(a, 0u),
    quadBroadcast(a, 1u),
    quadBroadcast(a, 2u),
    quadBroadcast(a, 3u),
    quadBroadcast(b, 0u),
    quadBroadcast(b, 1u),
    quadBroadcast(b, 2u),
    quadBroadcast(b, 3u),
    quadBroadcast(d, 0u),
    quadBroadcast(d, 1u),
  );
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let across = (params.width + 7) / 8;
  let down = (params.height + 7) / 8;
  let tiles = params.batch * across * down;
  // Tiles that the lanes of a subgroup have side by side, and their number with those that fill up the last subgroup.
  let together = WORKGROUP / OUT_LANES;
  let filled_tiles = (tiles + together - 1) / together * together;
  let index = (i32(group.x) + i32(group.y * groups.x)) * together + lane / OUT_LANES;
  let wanted_out = index / filled_tiles * OUT_LANES + lane % OUT_LANES;
  let out = min(wanted_out, 2 * params.blocks - 1);
  let tile = min(index % filled_tiles, tiles - 1);
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 8;
  let n = tile / (across * down);
  let of_all = params.first_block * 2 + out;
  let stored = index % filled_tiles < tiles && wanted_out == out && of_all < params.out4;
  let block = out / 2 * params.block_vec4s + out % 2;
  let last = min(7, params.width - 1 - x0);
  let below = params.height - 1 - y0;
  let row = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + min(of_all, params.out4 - 1);

  let bias = eight(w[block + 72 * params.in4]);
  var s0 = bias;
  var s1 = bias;
  var s2 = bias;
  var s3 = bias;
  var s4 = bias;
  var s5 = bias;
  var s6 = bias;
  var s7 = bias;
  if (MODE == 2u) {
    // What y holds, to add to. What is outside reads inside, and is not stored.
    s0 = loaded(at, last);
    s1 = loaded(at + min(1, below) * row, last);
    s2 = loaded(at + min(2, below) * row, last);
    s3 = loaded(at + min(3, below) * row, last);
    s4 = loaded(at + min(4, below) * row, last);
    s5 = loaded(at + min(5, below) * row, last);
    s6 = loaded(at + min(6, below) * row, last);
    s7 = loaded(at + min(7, below) * row, last);
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    let k = kernel(block + c * 8, step);
    let v0 = shared_pixels(n, y0 - 1, x0, c, lane);
    s0 = first_row(s0, v0, k);
    let v1 = shared_pixels(n, y0, x0, c, lane);
    s0 = second_row(s0, v1, k);
    s1 = first_row(s1, v1, k);
    let v2 = shared_pixels(n, y0 + 1, x0, c, lane);
    s0 = third_row(s0, v2, k);
    s1 = second_row(s1, v2, k);
    s2 = first_row(s2, v2, k);
    let v3 = shared_pixels(n, y0 + 2, x0, c, lane);
    s1 = third_row(s1, v3, k);
    s2 = second_row(s2, v3, k);
    s3 = first_row(s3, v3, k);
    let v4 = shared_pixels(n, y0 + 3, x0, c, lane);
    s2 = third_row(s2, v4, k);
    s3 = second_row(s3, v4, k);
    s4 = first_row(s4, v4, k);
    let v5 = shared_pixels(n, y0 + 4, x0, c, lane);
    s3 = third_row(s3, v5, k);
    s4 = second_row(s4, v5, k);
    s5 = first_row(s5, v5, k);
    let v6 = shared_pixels(n, y0 + 5, x0, c, lane);
    s4 = third_row(s4, v6, k);
    s5 = second_row(s5, v6, k);
    s6 = first_row(s6, v6, k);
    let v7 = shared_pixels(n, y0 + 6, x0, c, lane);
    s5 = third_row(s5, v7, k);
    s6 = second_row(s6, v7, k);
    s7 = first_row(s7, v7, k);
    let v8 = shared_pixels(n, y0 + 7, x0, c, lane);
    s6 = third_row(s6, v8, k);
    s7 = second_row(s7, v8, k);
    let v9 = shared_pixels(n, y0 + 8, x0, c, lane);
    s7 = third_row(s7, v9, k);
    c++;
    // A loop that tests at its top walks its body once more on a processor, all lanes masked.
    if (c >= params.in4) { break; }
  }

  if (!stored) { return; }
  store(at, last, s0);
  if (below >= 1) { store(at + row, last, s1); }
  if (below >= 2) { store(at + 2 * row, last, s2); }
  if (below >= 3) { store(at + 3 * row, last, s3); }
  if (below >= 4) { store(at + 4 * row, last, s4); }
  if (below >= 5) { store(at + 5 * row, last, s5); }
  if (below >= 6) { store(at + 6 * row, last, s6); }
  if (below >= 7) { store(at + 7 * row, last, s7); }
}
