// Convolution 3×3 with stride 1 whose result has at most four channels, a network's last: for GPUs, where a tile of a matrix product would compute
// twelve of sixteen columns in vain.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]), and what `activated` holds added where RESIDUAL is 1.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] (a smaller by 2^shift: nearest upsampling by the address);
// w: [3·3][4·in4] vec4 over outputs, bias: one vec4, y: [N,H,W,4]; f32 or f16, added up in f32.
// A workgroup owns 32 pixels across by 8 down, an invocation four of a column, so that neighbours read neighbouring addresses. Four channels of these
// pixels and of one more on each side, and the weights of these channels, lie in workgroup memory, twice: while one half is multiplied the loads for the other are under way, so
// there is one barrier for each four channels.
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

const ACROSS = 32;
const DOWN = 8;
const THREADS = 64;
// Pixels with those around them, and how many of them an invocation fetches at most.
const WIDE = ACROSS + 2;
const PIXELS = WIDE * (DOWN + 2);
const FETCHES = (PIXELS + THREADS - 1) / THREADS;
// Weights of four channels: nine taps by four.
const WEIGHTS = 36;

var<workgroup> pixels: array<source4, 2 * PIXELS>;
var<workgroup> weights: array<weight4, 2 * WEIGHTS>;

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> source4 {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  var v: source4;
  if (c < params.a4) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    v = a[(base + (kept_column >> params.shift)) * params.a4 + c];
  } else {
    v = b[((n * params.height + kept_row) * params.width + kept_column) * params.b4 + c - params.a4];
  }
  return select(source4(), v, row == kept_row && column == kept_column);
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
  let tiles_across = (params.width + ACROSS - 1) / ACROSS;
  let tiles_down = (params.height + DOWN - 1) / DOWN;
  let tile = i32(group.x + group.y * groups.x);
  if (tile >= params.batch * tiles_down * tiles_across) { return; }
  let column0 = tile % tiles_across * ACROSS;
  let row0 = tile / tiles_across % tiles_down * DOWN;
  let n = tile / (tiles_across * tiles_down);
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
    var held: array<source4, FETCHES>;
    var held_weight = weight4();
    if (c + 1 < in4) {
      for (var i = 0; i < FETCHES; i++) {
        let place = min(t + i * THREADS, PIXELS - 1);
        held[i] = pixel(n, row0 + place / WIDE - 1, column0 + place % WIDE - 1, c + 1);
      }
      let weight = min(t, WEIGHTS - 1);
      held_weight = w[(weight / 4 * in4 + c + 1) * 4 + weight % 4];
    }
    if (c >= 0) {
      let half = c & 1;
      for (var kx = 0; kx < 3; kx++) {
        let at = half * PIXELS + first * WIDE + x + kx;
        let v0 = vec4f(pixels[at]);
        let v1 = vec4f(pixels[at + WIDE]);
        let v2 = vec4f(pixels[at + 2 * WIDE]);
        let v3 = vec4f(pixels[at + 3 * WIDE]);
        let v4 = vec4f(pixels[at + 4 * WIDE]);
        let v5 = vec4f(pixels[at + 5 * WIDE]);
        let top = half * WEIGHTS + kx * 4;
        s0 = times(v2, top + 24, times(v1, top + 12, times(v0, top, s0)));
        s1 = times(v3, top + 24, times(v2, top + 12, times(v1, top, s1)));
        s2 = times(v4, top + 24, times(v3, top + 12, times(v2, top, s2)));
        s3 = times(v5, top + 24, times(v4, top + 12, times(v3, top, s3)));
      }
    }
    if (c + 1 < in4) {
      let half = (c + 1) & 1;
      for (var i = 0; i < FETCHES; i++) {
        let place = t + i * THREADS;
        if (place < PIXELS) { pixels[half * PIXELS + place] = held[i]; }
      }
      if (t < WEIGHTS) { weights[half * WEIGHTS + t] = held_weight; }
    }
    workgroupBarrier();
  }

  let row = row0 + first;
  put(n, row, column0 + x, s0);
  put(n, row + 1, column0 + x, s1);
  put(n, row + 2, column0 + x, s2);
  put(n, row + 3, column0 + x, s3);
}
