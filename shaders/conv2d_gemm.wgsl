// Convolution k×k of any stride, and its input gradient, as a matrix product (implicit GEMM, on top of gemm_tile.wgsl): rows are pixels of
// the result, columns its channels, k runs over channels of the source (4·K4 at a time) and, inside of these, over taps.
// Forward: y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// Input gradient: dx = activation_slope(x) * (the same over dy, taps turned by 180°, inputs and outputs exchanged), added to what dx
// holds when params.accumulate is set; with stride 2, dy is read as if there were zeros between its pixels.
// Sources a and b, joined along the channels: [N,H,W,4·(a4|b4)]; a is smaller by 2^shift: nearest upsampling by the address, or the
// zeros between pixels (params.holes 1). w: [k·k][4·in4][out4] vec4 over outputs, as the parameters lie. y: [N,rows,columns,4·target4].
// All are f32 or f16, added up in f32: where products are f16 (CHUNK not 0), their sums over CHUNK fetches of k are added to f32 ones.
// A workgroup owns 8 pixels across by M/8 down. An invocation fetches four pixels by four channels of A, or a 4×4 block of B.
struct Params {
  batch: i32, rows: i32, columns: i32, height: i32, width: i32,
  a4: i32, b4: i32, shift: u32, holes: i32,
  target4: i32, in4: i32, out4: i32, first4: i32,
  kernel: i32, stride: i32, batch_weights: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read> activated: array<activated4>;
@group(0) @binding(6) var<storage, read_write> y: array<result4>;

// 0: input gradient. 1: forward. 2: the product alone, each of the batch with weights of its own, params.batch_weights vec4s apart.
override MODE: u32 = 1u;
// Forward, 1: what `activated` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;

// Four channels of a pixel of the sources; outside of the image and between pixels zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> tile4 {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  let inside = row == kept_row && column == kept_column && ((row | column) & params.holes) == 0;
  var v: tile4;
  if (c < params.a4 || params.b4 == 0) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    v = tile4(a[(base + (kept_column >> params.shift)) * params.a4 + min(c, params.a4 - 1)]);
  } else {
    v = tile4(b[((n * params.height + kept_row) * params.width + kept_column) * params.b4 + min(c - params.a4, params.b4 - 1)]);
  }
  return select(tile4(), v, inside && c < params.a4 + params.b4);
}

// Four channels of the source from c on by four of the result; beyond either count zero. As stored: rows of B, or (gradient) its columns.
fn weights(n: i32, tap: i32, c: i32, o: i32) -> Four {
  let inside = o < params.target4 && c < params.a4 + params.b4;
  let kept_o = min(o, params.target4 - 1);
  let kept_c = min(c, params.a4 + params.b4 - 1);
  var at = n * params.batch_weights + (tap * params.in4 + kept_c) * 4 * params.out4 + kept_o;
  if (MODE == 0u) {
    let turned = params.kernel * params.kernel - 1 - tap;
    at = (turned * params.in4 + params.first4 + kept_o) * 4 * params.out4 + kept_c;
  }
  let v = Four(
    tile4(w[at]),
    tile4(w[at + params.out4]),
    tile4(w[at + 2 * params.out4]),
    tile4(w[at + 3 * params.out4]),
  );
  return Four(
    select(tile4(), v.v0, inside),
    select(tile4(), v.v1, inside),
    select(tile4(), v.v2, inside),
    select(tile4(), v.v3, inside),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE == 1u) {
    var result = activate_as(value, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = to_result4(result);
  } else if (MODE == 0u) {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = to_result4(gradient);
  } else {
    y[at] = to_result4(value);
  }
}

// The sums of an invocation in f32.
struct Totals {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
  t0: vec4f,
  t1: vec4f,
  t2: vec4f,
  t3: vec4f,
  t4: vec4f,
  t5: vec4f,
  t6: vec4f,
  t7: vec4f,
}

fn added(t: Totals, s: Sums) -> Totals {
  return Totals(
    t.s0 + vec4f(s.s0),
    t.s1 + vec4f(s.s1),
    t.s2 + vec4f(s.s2),
    t.s3 + vec4f(s.s3),
    t.s4 + vec4f(s.s4),
    t.s5 + vec4f(s.s5),
    t.s6 + vec4f(s.s6),
    t.s7 + vec4f(s.s7),
    t.t0 + vec4f(s.t0),
    t.t1 + vec4f(s.t1),
    t.t2 + vec4f(s.t2),
    t.t3 + vec4f(s.t3),
    t.t4 + vec4f(s.t4),
    t.t5 + vec4f(s.t5),
    t.t6 + vec4f(s.t6),
    t.t7 + vec4f(s.t7),
  );
}

// Four pixels of a row, four channels.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

// Stores four pixels of a row by four channels, those that are inside.
fn store(n: i32, row: i32, column: i32, o: i32, f: Pixels) {
  if (row >= params.rows || o >= params.target4) { return; }
  let at = ((n * params.rows + row) * params.columns + column) * params.target4 + o;
  if (column < params.columns) { put(at, f.v0); }
  if (column + 1 < params.columns) { put(at + params.target4, f.v1); }
  if (column + 2 < params.columns) { put(at + 2 * params.target4, f.v2); }
  if (column + 3 < params.columns) { put(at + 3 * params.target4, f.v3); }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.columns + 7) / 8;
  let down = (params.rows + M / 8 - 1) / (M / 8);
  let tile = i32(group.x + group.y * groups.x);
  if (tile >= params.batch * down * across) { return; }
  let column0 = tile % across * 8;
  let row0 = tile / across % down * (M / 8);
  let n = tile / (across * down);
  let o0 = i32(group.z) * COLUMNS;

  // What this invocation fetches: pixels (the first M/4·K4 of them), weights (the next N/4·K4), or nothing.
  let t = i32(local);
  let fetches_pixels = t < QUADS * K4;
  let u = t - QUADS * K4;
  let fetches_weights = !fetches_pixels && u < COLUMNS * K4;
  let vec = select(u / COLUMNS, t % K4, fetches_pixels);
  let place = select(u % COLUMNS, t / K4, fetches_pixels);
  let radius = (params.kernel - 1) / 2;
  let row = (row0 + place / 2) * params.stride - radius;
  let column = (column0 + place % 2 * 4) * params.stride - radius;

  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  var b0 = vec4f();
  var b1 = vec4f();
  if (MODE == 1u) {
    b0 = vec4f(bias[min(o0 + o, params.target4 - 1)]);
    b1 = vec4f(bias[min(o0 + o + ACROSS_N, params.target4 - 1)]);
  }
  // The bias is where the sums are f32.
  var s = Sums();
  var total = Totals();
  if (CHUNK == 0) {
    let p0 = product4(b0);
    let p1 = product4(b1);
    s = Sums(p0, p0, p0, p0, p0, p0, p0, p0, p1, p1, p1, p1, p1, p1, p1, p1);
  } else {
    total = Totals(b0, b0, b0, b0, b0, b0, b0, b0, b1, b1, b1, b1, b1, b1, b1, b1);
  }

  let steps = (params.a4 + params.b4 + K4 - 1) / K4 * params.kernel * params.kernel;
  var ky = 0;
  var kx = 0;
  var c = vec;
  // Fetched in one round, multiplied in the next: the loads have a whole round of multiply-adds to come back.
  for (var step = -1; step < steps; step++) {
    var held = Four();
    if (step + 1 < steps) {
      if (fetches_pixels) {
        held = transposed(Four(
          pixel(n, row + ky, column + kx, c),
          pixel(n, row + ky, column + params.stride + kx, c),
          pixel(n, row + ky, column + 2 * params.stride + kx, c),
          pixel(n, row + ky, column + 3 * params.stride + kx, c),
        ));
      } else if (fetches_weights) {
        held = weights(n, ky * params.kernel + kx, c, o0 + place);
        if (MODE == 0u) { held = transposed(held); }
      }
      kx++;
      if (kx == params.kernel) {
        kx = 0;
        ky++;
        if (ky == params.kernel) {
          ky = 0;
          c += K4;
        }
      }
    }
    if (step >= 0) {
      multiply(&s, step & 1, m, o);
      if (CHUNK != 0) {
        if (step % max(CHUNK, 1) == CHUNK - 1) {
          total = added(total, s);
          s = Sums();
        }
      }
    }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + vec * 4;
      if (fetches_pixels) {
        tile_a[k * QUADS + place] = held.v0;
        tile_a[(k + 1) * QUADS + place] = held.v1;
        tile_a[(k + 2) * QUADS + place] = held.v2;
        tile_a[(k + 3) * QUADS + place] = held.v3;
      } else if (fetches_weights) {
        tile_b[k * COLUMNS + place] = held.v0;
        tile_b[(k + 1) * COLUMNS + place] = held.v1;
        tile_b[(k + 2) * COLUMNS + place] = held.v2;
        tile_b[(k + 3) * COLUMNS + place] = held.v3;
      }
    }
    workgroupBarrier();
  }

  total = added(total, s);
  let near = row0 + m / 2;
  let far = row0 + (m + ACROSS_M) / 2;
  let first = column0 + m % 2 * 4;
  store(n, near, first, o0 + o, Pixels(total.s0, total.s1, total.s2, total.s3));
  store(n, far, first, o0 + o, Pixels(total.s4, total.s5, total.s6, total.s7));
  if (VECS == 2) {
    store(n, near, first, o0 + o + ACROSS_N, Pixels(total.t0, total.t1, total.t2, total.t3));
    store(n, far, first, o0 + o + ACROSS_N, Pixels(total.t4, total.t5, total.t6, total.t7));
  }
}
