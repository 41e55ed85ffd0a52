// Weight gradient of a 3×3 convolution with stride 1, as conv2d_weight_grad_rows.wgsl, whose params and partials it has, for subgroups of eight lanes that are
// a workgroup each: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// A lane owns four outputs by eight inputs by nine taps (72 vec4 accumulators); OUT_LANES lanes in a row, 8 or 4, own the same inputs and outputs that follow
// each other. They walk the rows of their slice from left to right, four columns of x at a time, which they load once between them and hand around: on
// a software adapter a load costs as much as twenty to fifty multiply-adds of a vec4, a broadcast less than one. Each sum is read and written once for four products.
// No lane leaves before the end, and none walks further than another: what is broadcast has to be there.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32, slice_vec4s: i32, bias_at: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read> dy: array<gradient4>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs.
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// The taps of a row of them.
struct Taps {
  left: Sums,
  middle: Sums,
  right: Sums,
}

// Four columns of x, four inputs each.
struct Columns {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

// dy at the columns that meet those: from one before them to one behind.
struct Gradients {
  before: vec4f,
  d0: vec4f,
  d1: vec4f,
  d2: vec4f,
  d3: vec4f,
  behind: vec4f,
}

// Adds the products of four pixels.
fn add(s: Sums, v: Columns, d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v.v3.x), d3, fma(vec4f(v.v2.x), d2, fma(vec4f(v.v1.x), d1, fma(vec4f(v.v0.x), d0, s.i0)))),
    fma(vec4f(v.v3.y), d3, fma(vec4f(v.v2.y), d2, fma(vec4f(v.v1.y), d1, fma(vec4f(v.v0.y), d0, s.i1)))),
    fma(vec4f(v.v3.z), d3, fma(vec4f(v.v2.z), d2, fma(vec4f(v.v1.z), d1, fma(vec4f(v.v0.z), d0, s.i2)))),
    fma(vec4f(v.v3.w), d3, fma(vec4f(v.v2.w), d2, fma(vec4f(v.v1.w), d1, fma(vec4f(v.v0.w), d0, s.i3)))),
  );
}

// A column of x meets dy one to the right of it by the left tap, one to the left by the right one.
fn add_taps(s: Taps, v: Columns, d: Gradients) -> Taps {
  return Taps(
    add(s.left, v, d.d1, d.d2, d.d3, d.behind),
    add(s.middle, v, d.d0, d.d1, d.d2, d.d3),
    add(s.right, v, d.before, d.d0, d.d1, d.d2),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(x[(base + (kept >> params.shift)) * params.in4 + c]), inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(dy[(base + kept) * params.out4 + o]), inside && column == kept);
}

// Of two vec4s of inputs, four columns each.
struct Pair {
  a: Columns,
  b: Columns,
}

// From `column` on. Of eight lanes the first four load those of c0, the others those of c1; of four each loads one of either.
fn shared_columns(base: i32, column: i32, c0: i32, c1: i32, inside: bool, lane: i32) -> Pair {
  if (OUT_LANES == 8) {
    let q = pixel(base, column + lane % 4, select(c0, c1, lane >= 4), inside);
    return Pair(
      Columns(subgroupBroadcast(q, 0u), subgroupBroadcast(q, 1u), subgroupBroadcast(q, 2u), subgroupBroadcast(q, 3u)),
      Columns(subgroupBroadcast(q, 4u), subgroupBroadcast(q, 5u), subgroupBroadcast(q, 6u), subgroupBroadcast(q, 7u)),
    );
  }
  let q = pixel(base, column + lane % 4, c0, inside);
  let r = pixel(base, column + lane % 4, c1, inside);
  return Pair(
    Columns(quadBroadcast(q, 0u), quadBroadcast(q, 1u), quadBroadcast(q, 2u), quadBroadcast(q, 3u)),
    Columns(quadBroadcast(r, 0u), quadBroadcast(r, 1u), quadBroadcast(r, 2u), quadBroadcast(r, 3u)),
  );
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

fn store_taps(at: i32, tap: i32, s: Taps) {
  store(at, s.left);
  store(at + tap, s.middle);
  store(at + 2 * tap, s.right);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let in_pairs = (params.in4 + 1) / 2;
  let out_groups = (params.out4 + OUT_LANES - 1) / OUT_LANES;
  let blocks = in_pairs * out_groups;
  let index = (i32(group.x) + i32(group.y * groups.x)) * (WORKGROUP / OUT_LANES) + lane / OUT_LANES;
  let there = index < blocks * params.slices;
  let slice = select(params.slices - 1, index / blocks, there);
  let block = index % blocks;
  let wanted = block % out_groups * OUT_LANES + lane % OUT_LANES;
  let o = min(wanted, params.out4 - 1);
  let c0 = block / out_groups * 2;
  let c1 = min(c0 + 1, params.in4 - 1);

  var a0 = Taps();
  var a1 = Taps();
  var a2 = Taps();
  var b0 = Taps();
  var b1 = Taps();
  var b2 = Taps();
  var bias = vec4f();
  var walked = 0;
  loop {
    let wanted_row = slice * params.rows + walked;
    let row = min(wanted_row, params.batch * params.height - 1);
    let in_slice = row == wanted_row;
    let n = row / params.height;
    let y = row % params.height;
    let above = max(y - 1, 0);
    let below = min(y + 1, params.height - 1);
    let height = params.height >> params.shift;
    let width = params.width >> params.shift;
    let base0 = (n * height + (above >> params.shift)) * width;
    let base1 = (n * height + (y >> params.shift)) * width;
    let base2 = (n * height + (below >> params.shift)) * width;
    let dy_base = row * params.width;
    var before = vec4f();
    var first = gradient(dy_base, 0, o, in_slice);
    var column = 0;
    loop {
      let d = Gradients(
        before,
        first,
        gradient(dy_base, column + 1, o, in_slice),
        gradient(dy_base, column + 2, o, in_slice),
        gradient(dy_base, column + 3, o, in_slice),
        gradient(dy_base, column + 4, o, in_slice),
      );
      bias += (d.d0 + d.d1) + (d.d2 + d.d3);
      let x0 = shared_columns(base0, column, c0, c1, y >= 1, lane);
      a0 = add_taps(a0, x0.a, d);
      b0 = add_taps(b0, x0.b, d);
      let x1 = shared_columns(base1, column, c0, c1, true, lane);
      a1 = add_taps(a1, x1.a, d);
      b1 = add_taps(b1, x1.b, d);
      let x2 = shared_columns(base2, column, c0, c1, y + 1 < params.height, lane);
      a2 = add_taps(a2, x2.a, d);
      b2 = add_taps(b2, x2.b, d);
      before = d.d3;
      first = d.behind;
      column += 4;
      if (column >= params.width) { break; }
    }
    walked++;
    if (walked >= params.rows) { break; }
  }

  if (!there || wanted != o) { return; }
  let tap = params.total4 * 4 * params.out4;
  let at = slice * params.slice_vec4s + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4 + o;
  store_taps(first, tap, a0);
  store_taps(first + 3 * tap, tap, a1);
  store_taps(first + 6 * tap, tap, a2);
  if (c1 != c0) {
    let second = at + c1 * 4 * params.out4 + o;
    store_taps(second, tap, b0);
    store_taps(second + 3 * tap, tap, b1);
    store_taps(second + 6 * tap, tap, b2);
  }
  // One of the invocations that saw these outputs.
  if (params.bias_at != 0 && c0 == 0) {
    let bias_at = slice * params.slice_vec4s + params.bias_at;
    partials[bias_at + o] = bias;
    if (o == 0) {
      for (var i = slice * params.slice_vec4s + 9 * tap; i < bias_at; i++) { partials[i] = vec4f(); }
    }
  }
}
