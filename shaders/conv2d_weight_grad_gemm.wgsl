// Weight gradient of a k×k convolution, any stride, as a matrix product (on top of gemm_tile.wgsl, K4 = 2): rows are taps and inputs,
// columns outputs, k runs over the pixels of a slice, eight of a row at a time:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4], each f32 or f16,
// partials: [slices][k·k][4·total4 inputs][out4] vec4, added to what they hold when params.accumulate is set; sum_slices adds the slices in order, so
// the same run gives the same bits.
// A quad of rows is a tap by four inputs, and taps follow each other without a gap: of three channels, nine quads are one tile.
// Both factors lie in memory as the product wants them, so a fetch is a copy. Sums are f32: product4 is.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  rows: i32, kernel: i32, stride: i32, across: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read> dy: array<gradient4>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Four inputs that a tap meets at a pixel of dy; outside of the image and beyond the last tap zero.
fn input(n: i32, row: i32, column: i32, quad: i32) -> tile4 {
  let taps = params.kernel * params.kernel;
  let tap = min(quad / params.in4, taps - 1);
  let radius = (params.kernel - 1) / 2;
  let y = row * params.stride + tap / params.kernel - radius;
  let z = column * params.stride + tap % params.kernel - radius;
  let kept_y = clamp(y, 0, params.height - 1);
  let kept_z = clamp(z, 0, params.width - 1);
  let base = (n * (params.height >> params.shift) + (kept_y >> params.shift)) * (params.width >> params.shift);
  let v = tile4(x[(base + (kept_z >> params.shift)) * params.in4 + quad % params.in4]);
  return select(tile4(), v, y == kept_y && z == kept_z && quad < taps * params.in4);
}

// Four outputs of a pixel of dy; beyond the row and the last output zero.
fn gradient(row: i32, column: i32, o: i32) -> tile4 {
  let v = tile4(dy[(row * params.out_width + min(column, params.out_width - 1)) * params.out4 + min(o, params.out4 - 1)]);
  return select(tile4(), v, column < params.out_width && o < params.out4);
}

// Sums of four inputs of a tap by four outputs.
struct Block {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

// Stores them, where there are such.
fn store(slice: i32, quad: i32, o: i32, f: Block) {
  let taps = params.kernel * params.kernel;
  if (quad >= taps * params.in4 || o >= params.out4) { return; }
  let c = params.first4 + quad % params.in4;
  let at = ((slice * taps + quad / params.in4) * params.total4 + c) * 4 * params.out4 + o;
  var sum = f;
  if (params.accumulate != 0) {
    sum.v0 += partials[at];
    sum.v1 += partials[at + params.out4];
    sum.v2 += partials[at + 2 * params.out4];
    sum.v3 += partials[at + 3 * params.out4];
  }
  partials[at] = sum.v0;
  partials[at + params.out4] = sum.v1;
  partials[at + 2 * params.out4] = sum.v2;
  partials[at + 3 * params.out4] = sum.v3;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let quad0 = i32(group.x) / params.across * QUADS;
  let o0 = i32(group.x) % params.across * COLUMNS;
  let slice = i32(group.z);
  let t = i32(local);
  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  // Each fetches of one pixel of eight: every eighth quad of rows, and every eighth vec4 of columns.
  let px = t / 8;
  let lane = t % 8;
  let first_row = slice * params.rows;
  let last_row = min(first_row + params.rows, params.batch * params.out_height);
  let a_row = (params.out_width + 7) / 8;
  let steps = (last_row - first_row) * a_row;

  var s = Sums();
  var row = first_row;
  var column = 0;
  for (var step = -1; step < steps; step++) {
    var a = Four();
    var b0 = tile4();
    var b1 = tile4();
    if (step + 1 < steps) {
      let n = row / params.out_height;
      let y = row % params.out_height;
      a.v0 = input(n, y, column + px, quad0 + lane);
      a.v1 = input(n, y, column + px, quad0 + lane + 8);
      if (QUADS == 32) {
        a.v2 = input(n, y, column + px, quad0 + lane + 16);
        a.v3 = input(n, y, column + px, quad0 + lane + 24);
      }
      // The input may be inside where the pixel of dy is not: one of the factors is zero there.
      b0 = gradient(row, column + px, o0 + lane);
      if (COLUMNS == 16) { b1 = gradient(row, column + px, o0 + lane + 8); }
      column += 8;
      if (column >= params.out_width) {
        column = 0;
        row++;
      }
    }
    if (step >= 0) { multiply(&s, step & 1, m, o); }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + px;
      tile_a[k * QUADS + lane] = a.v0;
      tile_a[k * QUADS + lane + 8] = a.v1;
      if (QUADS == 32) {
        tile_a[k * QUADS + lane + 16] = a.v2;
        tile_a[k * QUADS + lane + 24] = a.v3;
      }
      if (lane < COLUMNS) { tile_b[k * COLUMNS + lane] = b0; }
      if (COLUMNS == 16) { tile_b[k * COLUMNS + lane + 8] = b1; }
    }
    workgroupBarrier();
  }

  store(slice, quad0 + m, o0 + o, Block(s.s0, s.s1, s.s2, s.s3));
  store(slice, quad0 + m + ACROSS_M, o0 + o, Block(s.s4, s.s5, s.s6, s.s7));
  if (VECS == 2) {
    store(slice, quad0 + m, o0 + o + ACROSS_N, Block(s.t0, s.t1, s.t2, s.t3));
    store(slice, quad0 + m + ACROSS_M, o0 + o + ACROSS_N, Block(s.t4, s.t5, s.t6, s.t7));
  }
}
