// Rearranges the weights of a 3×3 convolution for conv2d_tile8 and conv2d_tile8x4.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, padded with zeros; bias: [out4] vec4; both f32 or f16.
// packed: blocks of 8 results, `params.block_vec4s` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias, all f32, for the source's channels
// 4·source_first4 .. 4·(source_first4 + source4).
// FORWARD 1: sources are inputs, as they are. FORWARD 0: sources are outputs, for the gradient of the inputs
// 4·first4 .. 4·(first4 + target4): the taps turned by 180°, inputs and outputs exchanged, bias zero.
// An invocation owns four channels of the source by four results for one tap.
struct Params {
  in4: i32, out4: i32, source4: i32, source_first4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<weight4>;
@group(0) @binding(2) var<storage, read> bias: array<weight4>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let half = index & 1;
  let row = index >> 1u;
  let source = row % params.source4;
  let place = row / params.source4;
  let tap = place % 9;
  let block = place / 9;
  // The last block's second half may be missing: it is read from inside, and becomes zero.
  let result = block * 2 + half;
  let kept = min(result, params.target4 - 1);
  let is = select(0.0, 1.0, result == kept);
  let channel = params.source_first4 + source;
  let to = block * params.block_vec4s + row % (9 * params.source4) * 8 + half;
  if (FORWARD == 1u) {
    let at = (tap * params.in4 + channel) * 4 * params.out4 + kept;
    packed[to] = is * vec4f(weight[at]);
    packed[to + 2] = is * vec4f(weight[at + params.out4]);
    packed[to + 4] = is * vec4f(weight[at + 2 * params.out4]);
    packed[to + 6] = is * vec4f(weight[at + 3 * params.out4]);
  } else {
    let at = ((8 - tap) * params.in4 + params.first4 + kept) * 4 * params.out4 + channel;
    let v0 = is * vec4f(weight[at]);
    let v1 = is * vec4f(weight[at + params.out4]);
    let v2 = is * vec4f(weight[at + 2 * params.out4]);
    let v3 = is * vec4f(weight[at + 3 * params.out4]);
    packed[to] = vec4f(v0.x, v1.x, v2.x, v3.x);
    packed[to + 2] = vec4f(v0.y, v1.y, v2.y, v3.y);
    packed[to + 4] = vec4f(v0.z, v1.z, v2.z, v3.z);
    packed[to + 6] = vec4f(v0.w, v1.w, v2.w, v3.w);
  }
  if (tap == 0 && source == 0) {
    var value = vec4f();
    if (FORWARD == 1u) { value = is * vec4f(bias[kept]); }
    packed[block * params.block_vec4s + 72 * params.source4 + half] = value;
  }
}
