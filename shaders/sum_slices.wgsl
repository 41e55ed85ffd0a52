// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable. Several sums at
// once: a job for each. partials, from vec4 job.partials on: [slices][count] vec4 f32; total, from vec4 job.total on: [count] vec4 f32, added to
// what it holds when job.accumulate is set.
struct Job { partials: i32, total: i32, count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= job.count) { return; }
  var sum = vec4f();
  var slice = 0;
  loop {
    sum += partials[job.partials + slice * job.count + index];
    slice++;
    if (slice >= job.slices) { break; }
  }
  if (job.accumulate != 0) { sum += total[job.total + index]; }
  total[job.total + index] = sum;
}
