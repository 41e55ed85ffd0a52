// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4], each f32 or f16,
// partials: slices of params.slice_vec4s vec4 f32: [9][all inputs, 4·total4][out4], then, where params.bias_at is not 0, zeros up to there and
// the bias gradient [out4], the sum of dy, which is read here anyway. sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
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

// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of two pixels: v are four inputs, d four outputs.
fn add(s: Sums, v0: vec4f, v1: vec4f, d0: vec4f, d1: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v1.x), d1, fma(vec4f(v0.x), d0, s.i0)),
    fma(vec4f(v1.y), d1, fma(vec4f(v0.y), d0, s.i1)),
    fma(vec4f(v1.z), d1, fma(vec4f(v0.z), d0, s.i2)),
    fma(vec4f(v1.w), d1, fma(vec4f(v0.w), d0, s.i3)),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(x[(base + (kept >> params.shift)) * params.in4 + c]), inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(dy[(base + kept) * params.out4 + o]), column == kept);
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let block = index % blocks;
  let o0 = (block % out_pairs) * 2;
  let o1 = min(o0 + 1, params.out4 - 1);
  let c0 = (block / out_pairs % in_pairs) * 2;
  let c1 = min(c0 + 1, params.in4 - 1);
  let ky = block / (out_pairs * in_pairs);

  var s000 = Sums();
  var s001 = Sums();
  var s010 = Sums();
  var s011 = Sums();
  var s100 = Sums();
  var s101 = Sums();
  var s110 = Sums();
  var s111 = Sums();
  var s200 = Sums();
  var s201 = Sums();
  var s210 = Sums();
  var s211 = Sums();
  var bias0 = vec4f();
  var bias1 = vec4f();

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  var row = slice * params.rows;
  loop {
    let n = row / params.height;
    let y = row % params.height + ky - 1;
    let kept = clamp(y, 0, params.height - 1);
    let inside = y == kept;
    let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
    let dy_base = row * params.width;
    // Columns column - 1 and column of x.
    var l0 = vec4f();
    var l1 = vec4f();
    var m0 = pixel(base, 0, c0, inside);
    var m1 = pixel(base, 0, c1, inside);
    var column = 0;
    loop {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
      bias0 += d00 + d10;
      bias1 += d01 + d11;
      s000 = add(s000, l0, m0, d00, d10);
      s001 = add(s001, l0, m0, d01, d11);
      s010 = add(s010, l1, m1, d00, d10);
      s011 = add(s011, l1, m1, d01, d11);
      s100 = add(s100, m0, r0, d00, d10);
      s101 = add(s101, m0, r0, d01, d11);
      s110 = add(s110, m1, r1, d00, d10);
      s111 = add(s111, m1, r1, d01, d11);
      s200 = add(s200, r0, e0, d00, d10);
      s201 = add(s201, r0, e0, d01, d11);
      s210 = add(s210, r1, e1, d00, d10);
      s211 = add(s211, r1, e1, d01, d11);
      l0 = r0;
      l1 = r1;
      m0 = e0;
      m1 = e1;
      column += 2;
      if (column >= params.width) { break; }
    }
    row++;
    if (row >= end) { break; }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = slice * params.slice_vec4s + ky * 3 * tap + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4;
  let second = at + c1 * 4 * params.out4;
  store(first + 0 * tap + o0, s000);
  store(first + 1 * tap + o0, s100);
  store(first + 2 * tap + o0, s200);
  if (o1 != o0) {
    store(first + 0 * tap + o1, s001);
    store(first + 1 * tap + o1, s101);
    store(first + 2 * tap + o1, s201);
  }
  if (c1 != c0) {
    store(second + 0 * tap + o0, s010);
    store(second + 1 * tap + o0, s110);
    store(second + 2 * tap + o0, s210);
    if (o1 != o0) {
      store(second + 0 * tap + o1, s011);
      store(second + 1 * tap + o1, s111);
      store(second + 2 * tap + o1, s211);
    }
  }
  // One of the invocations that saw these outputs.
  if (params.bias_at != 0 && ky == 0 && c0 == 0) {
    let bias = slice * params.slice_vec4s + params.bias_at;
    partials[bias + o0] = bias0;
    if (o1 != o0) { partials[bias + o1] = bias1; }
    if (o0 == 0) {
      for (var i = slice * params.slice_vec4s + 9 * tap; i < bias; i++) { partials[i] = vec4f(); }
    }
  }
}
