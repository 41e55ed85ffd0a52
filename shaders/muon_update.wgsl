// The last part of a step of Muon, over the weights of many layers, a job for each: p ← p - lr · (x + decay · p), x the orthogonalised momentum, scaled;
// average ← average + (1-ema) · (p - average). p, x, average: all parameters, of a layer job.count vec4 f32 from vec4 job.first on. An invocation owns one vec4.
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let place = i32(id.x + id.y * groups.x * 64u);
  if (place >= job.count) { return; }
  let index = job.first + place;
  let before = p[index];
  let after = before - now.learning_rate * (x[index] + now.decay * before);
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
