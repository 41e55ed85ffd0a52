// Included by kernels of subgroups of eight lanes, a workgroup each, that make blocks of 32 by 32 elements of symmetric products Xᵀ X; they declare `element`, a vec4 of X,
// and `write`, which stores one of what they make.
// A lane owns 32 rows by four columns (32 vec4 accumulators), each lane other columns and all the same rows: they load what makes these once between
// them and hand it around, 4 loads for 64 multiply-adds of vec4s.

// Four rows (fields) by four columns.
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Eight times four rows by four columns.
struct Block {
  s0: Sums,
  s1: Sums,
  s2: Sums,
  s3: Sums,
  s4: Sums,
  s5: Sums,
  s6: Sums,
  s7: Sums,
}

// Adds what two rows of X give: p and q their four elements for the rows of the product, d and e for its columns.
fn add(s: Sums, p: vec4f, d: vec4f, q: vec4f, e: vec4f) -> Sums {
  return Sums(
    fma(vec4f(q.x), e, fma(vec4f(p.x), d, s.i0)),
    fma(vec4f(q.y), e, fma(vec4f(p.y), d, s.i1)),
    fma(vec4f(q.z), e, fma(vec4f(p.z), d, s.i2)),
    fma(vec4f(q.w), e, fma(vec4f(p.w), d, s.i3)),
  );
}

// A lane's part of a block. X: `rows` rows, an even number, of `width` vec4s from vec4 `first` on; `own`: the vec4 of the lane's columns, `share`: that of the rows that it loads for all.
fn block_of(first: i32, rows: i32, width: i32, own: i32, share: i32) -> Block {
  var s = Block();
  var row = 0;
  loop {
    // Two rows at a time: there are nine or one times a multiple of four.
    let u = first + row * width;
    let d = element(u + own);
    let e = element(u + width + own);
    let p = element(u + share);
    let q = element(u + width + share);
    s.s0 = add(s.s0, subgroupBroadcast(p, 0u), d, subgroupBroadcast(q, 0u), e);
    s.s1 = add(s.s1, subgroupBroadcast(p, 1u), d, subgroupBroadcast(q, 1u), e);
    s.s2 = add(s.s2, subgroupBroadcast(p, 2u), d, subgroupBroadcast(q, 2u), e);
    s.s3 = add(s.s3, subgroupBroadcast(p, 3u), d, subgroupBroadcast(q, 3u), e);
    s.s4 = add(s.s4, subgroupBroadcast(p, 4u), d, subgroupBroadcast(q, 4u), e);
    s.s5 = add(s.s5, subgroupBroadcast(p, 5u), d, subgroupBroadcast(q, 5u), e);
    s.s6 = add(s.s6, subgroupBroadcast(p, 6u), d, subgroupBroadcast(q, 6u), e);
    s.s7 = add(s.s7, subgroupBroadcast(p, 7u), d, subgroupBroadcast(q, 7u), e);
    row += 2;
    if (row >= rows) { break; }
  }
  return s;
}

fn store(first: i32, width: i32, row4: i32, column: i32, s: Sums) {
  let at = first + 4 * row4 * width + column;
  write(at, s.i0);
  write(at + width, s.i1);
  write(at + 2 * width, s.i2);
  write(at + 3 * width, s.i3);
}

// Stores four rows by four columns that are there, of a symmetric matrix of `width` vec4s a row from vec4 `first` on; `mirrored`: on the other side of its diagonal, too.
fn put(first: i32, width: i32, row4: i32, column: i32, mirrored: bool, s: Sums) {
  if (row4 >= width) { return; }
  store(first, width, row4, column, s);
  if (mirrored) {
    let t = transpose(mat4x4f(s.i0, s.i1, s.i2, s.i3));
    store(first, width, column, row4, Sums(t[0], t[1], t[2], t[3]));
  }
}
