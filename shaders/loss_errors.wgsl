// Sums of the errors d = y - target, with SQUARED 1 of d², with CHROMA 1 too of d² + V·c², c being d less its mean over the channels (four at most), over an image's pixels, each slice of them on its own; sum_slices adds the slices in order.
// y, target: [images][pixels][c4] vec4, y f32 or f16, target f32; partials: [slices][images][c4] vec4 f32. The colour term and the PSNR of loss.wgsl take the sums.
// An invocation owns one slice of one image's pixels, in four channels.
struct Params { images: i32, pixels: i32, c4: i32, slice_pixels: i32, slices: i32, channels: i32, chroma_weight: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<source4>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

override SQUARED: u32 = 0u;
override CHROMA: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let columns = params.images * params.c4;
  if (index >= columns * params.slices) { return; }
  let slice = index / columns;
  let column = index % columns;
  let image = column / params.c4;
  let first = slice * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = first; pixel < end; pixel++) {
    let at = (image * params.pixels + pixel) * params.c4 + column % params.c4;
    let d = vec4f(y[at]) - goal[at];
    if (SQUARED == 1u) {
      sum += d * d;
      if (CHROMA == 1u) {
        let counts = vec4i(0, 1, 2, 3) < vec4i(params.channels);
        let chroma = select(vec4f(), d - vec4f((d.x + d.y) + (d.z + d.w)) / f32(params.channels), counts);
        sum += params.chroma_weight * chroma * chroma;
      }
    } else {
      sum += d;
    }
  }
  partials[index] = sum;
}
