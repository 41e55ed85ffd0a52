// Rearranges the weights of a 3×3 convolution for conv2d_tile8 and conv2d_tile8x4.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, f32, padded with zeros; bias: [out4] vec4.
// packed: blocks of 8 results, `params.block_vec4s` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias, for the source's channels
// 4·source_first4 .. 4·(source_first4 + source4).
// FORWARD 1: sources are inputs, as they are. FORWARD 0: sources are outputs, for the gradient of the inputs
// 4·first4 .. 4·(first4 + target4): the taps turned by 180°, inputs and outputs exchanged, bias zero. An invocation writes one vec4.
struct Params {
  in4: i32, out4: i32, source4: i32, source_first4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let block = index / params.block_vec4s;
  let inner = index % params.block_vec4s;
  let target_vec = block * 2 + inner % 2;
  var value = vec4f();
  if (target_vec < params.target4) {
    if (inner < 72 * params.source4) {
      let source = params.source_first4 * 4 + (inner / 2) % (params.source4 * 4);
      let tap = inner / (8 * params.source4);
      if (FORWARD == 1u) {
        value = weight[(tap * params.in4 * 4 + source) * params.out4 + target_vec];
      } else {
        let first = target_vec * 4;
        value = vec4f(
          turned(tap, first, source), turned(tap, first + 1, source),
          turned(tap, first + 2, source), turned(tap, first + 3, source),
        );
      }
    } else if (FORWARD == 1u && inner < 72 * params.source4 + 2) {
      value = bias[target_vec];
    }
  }
  packed[index] = value;
}
