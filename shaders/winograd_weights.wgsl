// Weights of 3×3 convolutions for Winograd F(TILE×TILE, 3×3) (Lavin & Gray, 2015): U = G g Gᵀ for each pair of channels, those of many
// layers at once: a job for each.
// weights: all parameters, of a layer from vec4 job.weight on [9 taps][4·in4 inputs][out4] vec4 over outputs; u, from vec4 job.u on:
// [(TILE+2)²][4·source4][target4] vec4 over channels of the result; each f32 or f16.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): turned by 180°, inputs and
// outputs exchanged. An invocation makes all of one channel of the source by four of the result.
struct Job { weight: i32, u: i32, in4: i32, out4: i32, source4: i32, target4: i32, first4: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> weights: array<weight4>;
@group(0) @binding(2) var<storage, read_write> u: array<transformed4>;

override FORWARD: u32 = 1u;

fn turned(job: Job, tap: i32, input: i32, output: i32) -> f32 {
  let row = ((8 - tap) * job.in4 * 4 + job.first4 * 4 + input) * job.out4;
  return f32(weights[job.weight + row + output / 4][output % 4]);
}

fn tap(job: Job, index: i32, source: i32, result: i32) -> vec4f {
  if (FORWARD == 1u) { return vec4f(weights[job.weight + (index * job.in4 * 4 + source) * job.out4 + result]); }
  let first = result * 4;
  return vec4f(
    turned(job, index, first, source), turned(job, index, first + 1, source),
    turned(job, index, first + 2, source), turned(job, index, first + 3, source),
  );
}

// Three values through G: six of them, of F(2×2, 3×3) the first four.
struct Six {
  g0: vec4f,
  g1: vec4f,
  g2: vec4f,
  g3: vec4f,
  g4: vec4f,
  g5: vec4f,
}

fn spread(a: vec4f, b: vec4f, c: vec4f) -> Six {
  if (TILE == 2) { return Six(a, (a + b + c) / 2.0, (a - b + c) / 2.0, c, vec4f(), vec4f()); }
  let even = (a + 4.0 * c) / 24.0;
  return Six(a / 4.0, -(a + b + c) / 6.0, -(a - b + c) / 6.0, even + b / 12.0, even - b / 12.0, c);
}

// Stores row i of the result.
fn store(i: i32, at: i32, step: i32, left: vec4f, middle: vec4f, right: vec4f) {
  let first = at + i * (TILE + 2) * step;
  let s = spread(left, middle, right);
  u[first] = transformed4(s.g0);
  u[first + step] = transformed4(s.g1);
  u[first + 2 * step] = transformed4(s.g2);
  u[first + 3 * step] = transformed4(s.g3);
  if (TILE == 4) {
    u[first + 4 * step] = transformed4(s.g4);
    u[first + 5 * step] = transformed4(s.g5);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let size = job.source4 * 4 * job.target4;
  if (index >= size) { return; }
  let result = index % job.target4;
  let source = index / job.target4;
  let left = spread(tap(job, 0, source, result), tap(job, 3, source, result), tap(job, 6, source, result));
  let middle = spread(tap(job, 1, source, result), tap(job, 4, source, result), tap(job, 7, source, result));
  let right = spread(tap(job, 2, source, result), tap(job, 5, source, result), tap(job, 8, source, result));
  let at = job.u + index;
  store(0, at, size, left.g0, middle.g0, right.g0);
  store(1, at, size, left.g1, middle.g1, right.g1);
  store(2, at, size, left.g2, middle.g2, right.g2);
  store(3, at, size, left.g3, middle.g3, right.g3);
  if (TILE == 4) {
    store(4, at, size, left.g4, middle.g4, right.g4);
    store(5, at, size, left.g5, middle.g5, right.g5);
  }
}
