// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32 or f16, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  var pixel = slice * params.slice_pixels;
  loop {
    sum += vec4f(dy[pixel * params.out4 + o]);
    pixel++;
    if (pixel >= end) { break; }
  }
  partials[index] = sum;
}
