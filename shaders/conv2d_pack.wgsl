// Rearranges the weights of 3×3 convolutions for conv2d_tile8 and conv2d_tile8x4, those of many layers at once: a job for each.
// weights: all parameters, of a layer from vec4 job.weight on [9 taps][4·in4 inputs][out4] vec4 over outputs, padded with zeros, and from
// job.bias on [out4] vec4; f32 or f16.
// packed, from vec4 job.packed on: blocks of 8 results, `job.block_vec4s` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias, all f32, for
// the source's channels 4·source_first4 .. 4·(source_first4 + source4).
// FORWARD 1: sources are inputs, as they are. FORWARD 0: sources are outputs, for the gradient of the inputs
// 4·first4 .. 4·(first4 + target4): the taps turned by 180°, inputs and outputs exchanged, bias zero.
// An invocation owns four channels of the source by four results, all nine taps.
struct Job {
  weight: i32, bias: i32, packed: i32,
  in4: i32, out4: i32, source4: i32, source_first4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32,
}
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> weights: array<weight4>;
@group(0) @binding(2) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= job.count) { return; }
  let half = index & 1;
  let source = (index >> 1u) % job.source4;
  let block = (index >> 1u) / job.source4;
  // The last block's second half may be missing: it is read from inside, and becomes zero.
  let result = block * 2 + half;
  let kept = min(result, job.target4 - 1);
  let is = select(0.0, 1.0, result == kept);
  let channel = job.source_first4 + source;
  let first = job.packed + block * job.block_vec4s + half;
  var tap = 0;
  loop {
    let to = first + (tap * job.source4 + source) * 8;
    if (FORWARD == 1u) {
      let at = job.weight + (tap * job.in4 + channel) * 4 * job.out4 + kept;
      packed[to] = is * vec4f(weights[at]);
      packed[to + 2] = is * vec4f(weights[at + job.out4]);
      packed[to + 4] = is * vec4f(weights[at + 2 * job.out4]);
      packed[to + 6] = is * vec4f(weights[at + 3 * job.out4]);
    } else {
      let at = job.weight + ((8 - tap) * job.in4 + job.first4 + kept) * 4 * job.out4 + channel;
      let v0 = is * vec4f(weights[at]);
      let v1 = is * vec4f(weights[at + job.out4]);
      let v2 = is * vec4f(weights[at + 2 * job.out4]);
      let v3 = is * vec4f(weights[at + 3 * job.out4]);
      packed[to] = vec4f(v0.x, v1.x, v2.x, v3.x);
      packed[to + 2] = vec4f(v0.y, v1.y, v2.y, v3.y);
      packed[to + 4] = vec4f(v0.z, v1.z, v2.z, v3.z);
      packed[to + 6] = vec4f(v0.w, v1.w, v2.w, v3.w);
    }
    tap++;
    if (tap >= 9) { break; }
  }
  if (source == 0) {
    var value = vec4f();
    if (FORWARD == 1u) { value = is * vec4f(weights[job.bias + kept]); }
    packed[first + 72 * job.source4] = value;
  }
}
