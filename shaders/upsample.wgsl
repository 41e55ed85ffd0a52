// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4], y: [N,2H,2W,4·c4], both f32 or f16. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value4>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = vec4f(x[(near_row * params.width + near_column) * params.c4 + c]);
  if (BILINEAR == 0u) {
    y[index] = value4(near);
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = vec4f(x[(near_row * params.width + far_column) * params.c4 + c]);
    let over = vec4f(x[(far_row * params.width + near_column) * params.c4 + c]);
    let across = vec4f(x[(far_row * params.width + far_column) * params.c4 + c]);
    y[index] = value4(0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across);
  }
}
