// Convolution 3×3 with stride 1 whose result has at most four channels, a network's last: for GPUs, where a tile of a matrix product would compute
// twelve of sixteen columns in vain.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]), and what `activated` holds added where RESIDUAL is 1.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] (a smaller by 2^shift: nearest upsampling by the address);
// w: [3·3][4·in4] vec4 over outputs, bias: one vec4, y: [N,H,W,4]; f32 or f16, added up in f32.
// On top of conv2d_thin.wgsl. Four channels of a workgroup's pixels, and of one more on each side, and the weights of these channels lie in workgroup memory, twice: while one
// half is multiplied the loads for the other are under way, so there is one barrier for each four channels.
struct Params {
  batch: i32, height: i32, width: i32, a4: i32, b4: i32, shift: u32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read> activated: array<activated4>;
@group(0) @binding(6) var<storage, read_write> y: array<result4>;

override RESIDUAL: u32 = 0u;

// Weights of four channels: nine taps by four.
const WEIGHTS = 36;

var<workgroup> pixels: array<source4, 2 * PIXELS>;
var<workgroup> weights: array<weight4, 2 * WEIGHTS>;

// Four channels of one of the pixels that workgroup memory holds, or of the last.
fn fetched(at: Corner, place: i32, c: i32) -> source4 {
  let i = min(place, PIXELS - 1);
  return pixel(at.n, at.row + i / WIDE - 1, at.column + i % WIDE - 1, c);
}

fn put(n: i32, row: i32, column: i32, sum: vec4f) {
  if (row >= params.height || column >= params.width) { return; }
  let at = (n * params.height + row) * params.width + column;
  var result = activate_as(sum, params.activation);
  if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
  y[at] = to_result4(result);
}

// The product of a pixel's four channels with the weights of a tap, from `at` on.
fn times(v: vec4f, at: i32, sum: vec4f) -> vec4f {
  var s = fma(vec4f(v.x), vec4f(weights[at]), sum);
  s = fma(vec4f(v.y), vec4f(weights[at + 1]), s);
  s = fma(vec4f(v.z), vec4f(weights[at + 2]), s);
  return fma(vec4f(v.w), vec4f(weights[at + 3]), s);
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
  let in4 = params.a4 + params.b4;

  let x = t % ACROSS;
  let first = t / ACROSS * 4;
  var s0 = vec4f(bias[0]);
  var s1 = s0;
  var s2 = s0;
  var s3 = s0;

  // Fetched in one round, multiplied in the next.
  for (var c = -1; c < in4; c++) {
    // 340 pixels by 64 invocations: five each, and a sixth for some. Not an array, which would lie in memory.
    var h0: source4;
    var h1: source4;
    var h2: source4;
    var h3: source4;
    var h4: source4;
    var h5: source4;
    var held_weight = weight4();
    if (c + 1 < in4) {
      h0 = fetched(at, t, c + 1);
      h1 = fetched(at, t + THREADS, c + 1);
      h2 = fetched(at, t + 2 * THREADS, c + 1);
      h3 = fetched(at, t + 3 * THREADS, c + 1);
      h4 = fetched(at, t + 4 * THREADS, c + 1);
      h5 = fetched(at, t + 5 * THREADS, c + 1);
      let weight = min(t, WEIGHTS - 1);
      held_weight = w[(weight / 4 * in4 + c + 1) * 4 + weight % 4];
    }
    if (c >= 0) {
      let half = c & 1;
      for (var kx = 0; kx < 3; kx++) {
        let top = half * PIXELS + first * WIDE + x + kx;
        let v0 = vec4f(pixels[top]);
        let v1 = vec4f(pixels[top + WIDE]);
        let v2 = vec4f(pixels[top + 2 * WIDE]);
        let v3 = vec4f(pixels[top + 3 * WIDE]);
        let v4 = vec4f(pixels[top + 4 * WIDE]);
        let v5 = vec4f(pixels[top + 5 * WIDE]);
        let tap = half * WEIGHTS + kx * 4;
        s0 = times(v2, tap + 24, times(v1, tap + 12, times(v0, tap, s0)));
        s1 = times(v3, tap + 24, times(v2, tap + 12, times(v1, tap, s1)));
        s2 = times(v4, tap + 24, times(v3, tap + 12, times(v2, tap, s2)));
        s3 = times(v5, tap + 24, times(v4, tap + 12, times(v3, tap, s3)));
      }
    }
    if (c + 1 < in4) {
      let half = (c + 1) & 1;
      let place = half * PIXELS + t;
      pixels[place] = h0;
      pixels[place + THREADS] = h1;
      pixels[place + 2 * THREADS] = h2;
      pixels[place + 3 * THREADS] = h3;
      pixels[place + 4 * THREADS] = h4;
      if (t + 5 * THREADS < PIXELS) { pixels[place + 5 * THREADS] = h5; }
      if (t < WEIGHTS) { weights[half * WEIGHTS + t] = held_weight; }
    }
    workgroupBarrier();
  }

  let row = at.row + first;
  put(at.n, row, at.column + x, s0);
  put(at.n, row + 1, at.column + x, s1);
  put(at.n, row + 2, at.column + x, s2);
  put(at.n, row + 3, at.column + x, s3);
}
