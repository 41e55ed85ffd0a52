// Convolution 3×3 with stride 1 of at most eight channels, a network's first, and the input gradient of one whose result has at most four, its last: for GPUs,
// where a matrix product would meet a barrier for each tap and four channels.
// Forward: y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]), and what `activated` holds added where RESIDUAL is 1.
// Input gradient: dx = activation_slope(x) * (the same over dy, taps turned by 180°, inputs and outputs exchanged), added to what dx holds when params.accumulate is set.
// Sources a and b joined along the channels, [N,H,W,4·(a4|b4)], two vec4s at most (a smaller by 2^shift: nearest upsampling by the address);
// w: [3·3][4·in4][out4] vec4 over outputs, y: [N,H,W,4·target4]; f32 or f16, added up in f32.
// On top of conv2d_thin.wgsl, eight channels of the result at a time. The source's pixels, and one more on each side, lie in
// workgroup memory after the only barrier; weights, which all want at once, come from the cache.
struct Params {
  batch: i32, height: i32, width: i32, a4: i32, b4: i32, shift: u32,
  target4: i32, in4: i32, out4: i32, first4: i32, accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read> activated: array<activated4>;
@group(0) @binding(6) var<storage, read_write> y: array<result4>;

// 0: input gradient. 1: forward.
override MODE: u32 = 1u;
override RESIDUAL: u32 = 0u;

var<workgroup> pixels: array<source4, 2 * PIXELS>;

// Weights of four channels of the source, one a member, by four of the result.
struct Four {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

fn weights(tap: i32, c: i32, o: i32) -> Four {
  if (MODE == 1u) {
    let at = (tap * params.in4 + c) * 4 * params.out4 + o;
    return Four(
      vec4f(w[at]),
      vec4f(w[at + params.out4]),
      vec4f(w[at + 2 * params.out4]),
      vec4f(w[at + 3 * params.out4]),
    );
  }
  let at = ((8 - tap) * params.in4 + params.first4 + o) * 4 * params.out4 + c;
  let f = Four(
    vec4f(w[at]),
    vec4f(w[at + params.out4]),
    vec4f(w[at + 2 * params.out4]),
    vec4f(w[at + 3 * params.out4]),
  );
  return Four(
    vec4f(f.v0.x, f.v1.x, f.v2.x, f.v3.x),
    vec4f(f.v0.y, f.v1.y, f.v2.y, f.v3.y),
    vec4f(f.v0.z, f.v1.z, f.v2.z, f.v3.z),
    vec4f(f.v0.w, f.v1.w, f.v2.w, f.v3.w),
  );
}

fn times(v: vec4f, f: Four, sum: vec4f) -> vec4f {
  var s = fma(vec4f(v.x), f.v0, sum);
  s = fma(vec4f(v.y), f.v1, s);
  s = fma(vec4f(v.z), f.v2, s);
  return fma(vec4f(v.w), f.v3, s);
}

// Four pixels of a column.
struct Column {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
}

// Stores what is inside of four channels of the result.
fn store(n: i32, row: i32, column: i32, o: i32, s: Column) {
  if (column >= params.width || o >= params.target4) { return; }
  let at = ((n * params.height + row) * params.width + column) * params.target4 + o;
  let down = params.width * params.target4;
  if (row < params.height) { put(at, s.s0); }
  if (row + 1 < params.height) { put(at + down, s.s1); }
  if (row + 2 < params.height) { put(at + 2 * down, s.s2); }
  if (row + 3 < params.height) { put(at + 3 * down, s.s3); }
}

fn put(at: i32, sum: vec4f) {
  if (MODE == 1u) {
    var result = activate_as(sum, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = to_result4(result);
  } else {
    var gradient = sum * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = to_result4(gradient);
  }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let at = corner(i32(group.x + group.y * groups.x));
  if (at.n < 0) { return; }
  let t = i32(local);
  let source4s = params.a4 + params.b4;

  for (var place = t; place < source4s * PIXELS; place += THREADS) {
    let i = place % PIXELS;
    pixels[place] = pixel(at.n, at.row + i / WIDE - 1, at.column + i % WIDE - 1, place / PIXELS);
  }
  workgroupBarrier();

  let x = t % ACROSS;
  let first = t / ACROSS * 4;
  for (var o = 0; o < params.target4; o += 2) {
    // Of an odd number of vec4s the last is computed twice, and stored once.
    let next = min(o + 1, params.target4 - 1);
    var b0 = vec4f();
    var b1 = vec4f();
    if (MODE == 1u) {
      b0 = vec4f(bias[o]);
      b1 = vec4f(bias[next]);
    }
    var p = Column(b0, b0, b0, b0);
    var q = Column(b1, b1, b1, b1);
    for (var c = 0; c < source4s; c++) {
      for (var tap = 0; tap < 9; tap++) {
        let top = c * PIXELS + (first + tap / 3) * WIDE + x + tap % 3;
        let v0 = vec4f(pixels[top]);
        let v1 = vec4f(pixels[top + WIDE]);
        let v2 = vec4f(pixels[top + 2 * WIDE]);
        let v3 = vec4f(pixels[top + 3 * WIDE]);
        let f = weights(tap, c, o);
        p = Column(times(v0, f, p.s0), times(v1, f, p.s1), times(v2, f, p.s2), times(v3, f, p.s3));
        let g = weights(tap, c, next);
        q = Column(times(v0, g, q.s0), times(v1, g, q.s1), times(v2, g, q.s2), times(v3, g, q.s3));
      }
    }
    store(at.n, at.row + first, at.column + x, o, p);
    store(at.n, at.row + first, at.column + x, o + 1, q);
  }
}
