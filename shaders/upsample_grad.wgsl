// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4], activated: the upsampled tensor x, dx: [N,H,W,4·c4], each f32 or f16; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> activated: array<activated4>;
@group(0) @binding(3) var<storage, read_write> dx: array<result4>;

override BILINEAR: u32 = 0u;

// Share of source pixel `at` in upsampled pixel `fine`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    let below = at + fine_width * params.c4;
    gradient = (vec4f(dy[at]) + vec4f(dy[at + params.c4])) + (vec4f(dy[below]) + vec4f(dy[below + params.c4]));
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        let at = ((fine_row + y) * fine_width + x) * params.c4 + c;
        gradient += (vertical * share(x, column, params.width)) * vec4f(dy[at]);
      }
    }
  }
  gradient *= activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { gradient += vec4f(dx[index]); }
  dx[index] = to_result4(gradient);
}
