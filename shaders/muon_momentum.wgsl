// The first part of a step of Muon (Jordan et al. 2024), over the weights of many layers, a job for each: momentum m ← β m + (1-β) g, and Nesterov's look ahead
// x = β m + (1-β) g, which is to be orthogonalised. g is clipped by the global norm as in adam.wgsl.
// g, m, x: all parameters, of a layer job.count vec4 f32 from vec4 job.first on; norm: ‖g‖² in x. An invocation owns one vec4.
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> x: array<vec4f>;

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
  let gradient = g[index] * clip_scale(norm[0].x, now.max_norm);
  let first = fma(vec4f(1.0 - now.momentum), gradient - m[index], m[index]);
  m[index] = first;
  x[index] = fma(vec4f(1.0 - now.momentum), gradient - first, first);
}
