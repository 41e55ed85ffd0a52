// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4], w: [k·k][4·in4][out4] vec4 f32, dx: [N,H,W,4·target4], each f32 or f16, for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> dx: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = vec4f(dy[at + o]);
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { sum += vec4f(dx[index]); }
  dx[index] = to_result4(sum);
}
