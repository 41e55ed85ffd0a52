// Products for the weight gradient in the space of Winograd's tiles, without workgroup memory: p[part][c][:] = sum over t of v[part][t][c] * e[part][t][:].
// v: [parts][params.stored][4·source4] f32, e: [parts][params.stored][4·target4] f32, of which the tiles t < params.count are read;
// p: [parts][4·source4][target4] vec4 f32, added to what it holds when params.accumulate is set.
// An invocation owns 16 inputs by 16 outputs (64 vec4 accumulators) and takes two tiles at a time: 16 loads for 128 multiply-adds of vec4s, each
// sum read and written once for two products. Where channels are no multiple of 16, the last vec4 is computed again, and not stored.
struct Params { parts: i32, count: i32, stored: i32, source4: i32, target4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> v: array<vec4f>;
@group(0) @binding(2) var<storage, read> e: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> p: array<vec4f>;

fn put(at: i32, s: Sums) {
  var sum = s;
  if (params.accumulate != 0) {
    sum.i0 += p[at];
    sum.i1 += p[at + params.target4];
    sum.i2 += p[at + 2 * params.target4];
    sum.i3 += p[at + 3 * params.target4];
  }
  p[at] = sum.i0;
  p[at + params.target4] = sum.i1;
  p[at + 2 * params.target4] = sum.i2;
  p[at + 3 * params.target4] = sum.i3;
}

// Stores those vec4s of outputs that are there.
fn put_row(at: i32, o: i32, s: Row) {
  put(at + o, s.o0);
  if (o + 1 < params.target4) { put(at + o + 1, s.o1); }
  if (o + 2 < params.target4) { put(at + o + 2, s.o2); }
  if (o + 3 < params.target4) { put(at + o + 3, s.o3); }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let across = (params.target4 + 3) / 4;
  let down = (params.source4 + 3) / 4;
  if (index >= params.parts * down * across) { return; }
  let o0 = index % across * 4;
  let o1 = min(o0 + 1, params.target4 - 1);
  let o2 = min(o0 + 2, params.target4 - 1);
  let o3 = min(o0 + 3, params.target4 - 1);
  let c0 = index / across % down * 4;
  let c1 = min(c0 + 1, params.source4 - 1);
  let c2 = min(c0 + 2, params.source4 - 1);
  let c3 = min(c0 + 3, params.source4 - 1);
  let part = index / (across * down);

  var s0 = Row();
  var s1 = Row();
  var s2 = Row();
  var s3 = Row();
  var tile = 0;
  loop {
    // Of an odd count the last tile is read twice, and counts once.
    let second = min(tile + 1, params.count - 1);
    let there = f32(second - tile);
    let x = (part * params.stored + tile) * params.source4;
    let y = (part * params.stored + second) * params.source4;
    let d_at = (part * params.stored + tile) * params.target4;
    let g_at = (part * params.stored + second) * params.target4;
    let d = Outputs(e[d_at + o0], e[d_at + o1], e[d_at + o2], e[d_at + o3]);
    let g = Outputs(there * e[g_at + o0], there * e[g_at + o1], there * e[g_at + o2], there * e[g_at + o3]);
    s0 = add_row(s0, v[x + c0], d, v[y + c0], g);
    s1 = add_row(s1, v[x + c1], d, v[y + c1], g);
    s2 = add_row(s2, v[x + c2], d, v[y + c2], g);
    s3 = add_row(s3, v[x + c3], d, v[y + c3], g);
    tile += 2;
    if (tile >= params.count) { break; }
  }
  let input = 4 * params.target4;
  let at = part * params.source4 * input;
  put_row(at + c0 * input, o0, s0);
  if (c1 != c0) { put_row(at + c1 * input, o0, s1); }
  if (c2 != c1) { put_row(at + c2 * input, o0, s2); }
  if (c3 != c2) { put_row(at + c3 * input, o0, s3); }
}
