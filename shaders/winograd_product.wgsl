// Products in the space of Winograd's tiles, for subgroups of eight lanes that are a workgroup each (behind rows8.wgsl), on adapters where a barrier is dear and registers are not:
// m[e][t][:] = sum over c of v[e][t][c] * u[e][c][:].
// v: [parts][rows][4·source4] f32, u: [parts][4·source4][target4] vec4, m: [parts][rows][4·target4] f32; rows is a multiple of ROWS.
// The lanes own the same ROWS rows (16 or 32), each another vec4 of columns, or COLUMNS4 of them (1, 2 or 3) eight apart. They load each row once between
// them and hand it around: ROWS / 8 + 4·COLUMNS4 loads for ROWS·4·COLUMNS4 multiply-adds of vec4s. No lane leaves before the end: what is broadcast has to
// be there.
struct Params { parts: i32, rows: i32, source4: i32, target4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> v: array<vec4f>;
@group(0) @binding(2) var<storage, read> u: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> m: array<vec4f>;

// Four columns of all rows.
struct Column {
  a: Rows,
  b: Rows,
  c: Rows,
  d: Rows,
}

// Of each eight rows the one that this lane loads, four channels.
struct Sources {
  a: vec4f,
  b: vec4f,
  c: vec4f,
  d: vec4f,
}

// Adds the products of eight rows, of which lane i holds the i-th.
fn add_rows(s: Rows, x: vec4f, w: Weights) -> Rows {
  return Rows(
    mac(s.r0, subgroupBroadcast(x, 0u), w),
    mac(s.r1, subgroupBroadcast(x, 1u), w),
    mac(s.r2, subgroupBroadcast(x, 2u), w),
    mac(s.r3, subgroupBroadcast(x, 3u), w),
    mac(s.r4, subgroupBroadcast(x, 4u), w),
    mac(s.r5, subgroupBroadcast(x, 5u), w),
    mac(s.r6, subgroupBroadcast(x, 6u), w),
    mac(s.r7, subgroupBroadcast(x, 7u), w),
  );
}

// What is not used is not loaded.
fn sources(at: i32) -> Sources {
  let eight = 8 * params.source4;
  var x = Sources();
  x.a = v[at];
  x.b = v[at + eight];
  if (ROWS > 16) {
    x.c = v[at + 2 * eight];
    x.d = v[at + 3 * eight];
  }
  return x;
}

// Adds the products of four channels with the four weights of each that lie params.target4 apart.
fn add(before: Column, x: Sources, at: i32) -> Column {
  let w = Weights(u[at], u[at + params.target4], u[at + 2 * params.target4], u[at + 3 * params.target4]);
  var s = before;
  s.a = add_rows(s.a, x.a, w);
  s.b = add_rows(s.b, x.b, w);
  if (ROWS > 16) {
    s.c = add_rows(s.c, x.c, w);
    s.d = add_rows(s.d, x.d, w);
  }
  return s;
}

fn store_rows(at: i32, s: Rows) {
  m[at] = s.r0;
  m[at + params.target4] = s.r1;
  m[at + 2 * params.target4] = s.r2;
  m[at + 3 * params.target4] = s.r3;
  m[at + 4 * params.target4] = s.r4;
  m[at + 5 * params.target4] = s.r5;
  m[at + 6 * params.target4] = s.r6;
  m[at + 7 * params.target4] = s.r7;
}

// Stores a column that is there.
fn store(row: i32, column: i32, s: Column) {
  if (column >= params.target4) { return; }
  let eight = 8 * params.target4;
  let at = row * params.target4 + column;
  store_rows(at, s.a);
  store_rows(at + eight, s.b);
  if (ROWS > 16) {
    store_rows(at + 2 * eight, s.c);
    store_rows(at + 3 * eight, s.d);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let index = i32(group.x + group.y * groups.x);
  let across = (params.target4 + WORKGROUP * COLUMNS4 - 1) / (WORKGROUP * COLUMNS4);
  let down = params.rows / ROWS;
  if (index >= params.parts * down * across) { return; }
  let last = params.target4 - 1;
  let column = index % across * WORKGROUP * COLUMNS4 + lane;
  let part = index / (across * down);
  let row = part * params.rows + index / across % down * ROWS;

  var s0 = Column();
  var s1 = Column();
  var s2 = Column();
  var c = 0;
  loop {
    let x = sources((row + lane) * params.source4 + c);
    let at = (part * params.source4 + c) * 4 * params.target4;
    s0 = add(s0, x, at + min(column, last));
    if (COLUMNS4 > 1) { s1 = add(s1, x, at + min(column + WORKGROUP, last)); }
    if (COLUMNS4 > 2) { s2 = add(s2, x, at + min(column + 2 * WORKGROUP, last)); }
    c++;
    if (c >= params.source4) { break; }
  }
  store(row, column, s0);
  if (COLUMNS4 > 1) { store(row, column + WORKGROUP, s1); }
  if (COLUMNS4 > 2) { store(row, column + 2 * WORKGROUP, s2); }
}
