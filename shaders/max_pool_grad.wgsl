// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4], argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4], each f32 or f16;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> dx: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), vec4f(dy[window]), winners == vec4u(place)) * activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { gradient += vec4f(dx[index]); }
  dx[index] = to_result4(gradient);
}
