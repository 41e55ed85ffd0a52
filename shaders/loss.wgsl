// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// KIND 3, PSNR: mean over images of k ln(1 + E / ε), dy = k / (E + ε) · (2d + 2W·m + 2V·c) / M, where E is the image's mean squared error, its colour and
// chroma terms included, k = 1e-2 / ln 10 and ε = 1e-4. Each of an image's elements adds the same.
// y, target, dy: [pixels][c4] vec4, target f32, the others f32 or f16, lanes beyond `params.channels` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// COLOUR 1: adds W·m², where m is the mean of d over the pixels of that image and channel, from sums = Σ d: [images][c4] vec4. Each of an
// image's pixels adds the same m², so that the mean over all elements is the mean over images and channels; dy gets 2W·m / M.
// CHROMA 1: adds V·c², where c is d less its mean over the channels, of which there are four at most; dy gets 2V·c / M.
// Σ d² + V·c² comes as squares: [images][c4] vec4, read by KIND 3 alone.
// WEIGHTED 1: the terms and gradients of image n, the other terms' too, are multiplied by weights[n] (packed four to a vec4).
// dy comes multiplied by a factor more (params.gradient_scale is that factor / M), so that gradients do not drown where f16 ends.
// An invocation owns one slice of the vec4s.
struct Params {
  count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32, per_pixel: f32, colour_weight: f32, chroma_weight: f32,
  gradient_scale: f32
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<source4>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read> sums: array<vec4f>;
@group(0) @binding(5) var<storage, read> squares: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dy: array<result4>;
@group(0) @binding(7) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override COLOUR: u32 = 0u;
override CHROMA: u32 = 0u;
override WEIGHTED: u32 = 0u;

const PSNR = 3u;
const PSNR_SCALE = 0.004342944819;
const PSNR_FLOOR = 1e-4;

// Mean over an image's channels of the squared error, the colour and chroma terms included.
fn image_error(image: i32) -> f32 {
  var error = vec4f();
  for (var column = image * params.c4; column < (image + 1) * params.c4; column++) {
    error += squares[column] * params.per_pixel;
    if (COLOUR == 1u) {
      let mean = sums[column] * params.per_pixel;
      error += params.colour_weight * mean * mean;
    }
  }
  return ((error.x + error.y) + (error.z + error.w)) / f32(params.channels);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = vec4f(y[index]) - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u || KIND == PSNR) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (CHROMA == 1u) {
      let chroma = select(vec4f(), d - vec4f((d.x + d.y) + (d.z + d.w)) / f32(params.channels), counts);
      value += params.chroma_weight * chroma * chroma;
      gradient += 2.0 * params.chroma_weight * chroma;
    }
    if (COLOUR == 1u) {
      let mean = sums[index / params.image_vec4s * params.c4 + index % params.c4] * params.per_pixel;
      value += params.colour_weight * mean * mean;
      gradient += 2.0 * params.colour_weight * mean;
    }
    let image = index / params.image_vec4s;
    if (KIND == PSNR) {
      let error = image_error(image);
      value = vec4f(PSNR_SCALE * log(1.0 + error / PSNR_FLOOR));
      gradient *= PSNR_SCALE / (error + PSNR_FLOOR);
    }
    if (WEIGHTED == 1u) {
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = to_result4(select(vec4f(), gradient * params.gradient_scale, counts));
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
