// Gram matrices A = Xᵀ X of many layers, as muon_gram.wgsl, for subgroups of eight lanes that are a workgroup each (behind symmetric_block.wgsl).
// A is symmetric: blocks of 32 by 32 below its diagonal are stored as they are mirrored. Of columns beyond the last, the last are computed again, and not stored; no lane
// leaves before the end.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> a: array<vec4f>;

fn element(at: i32) -> vec4f { return x[at]; }
fn write(at: i32, value: vec4f) { a[at] = value; }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let job = jobs[group.z];
  let index = i32(group.x + group.y * groups.x);
  let blocks = (job.width + 7) / 8;
  let first = index / blocks * 8;
  let column = index % blocks * 8 + lane;
  if (index / blocks > index % blocks || index >= blocks * blocks) { return; }
  let last = job.width - 1;
  let s = block_of(job.first, job.rows, job.width, min(column, last), min(first + lane, last));
  if (column > last) { return; }
  let mirrored = index / blocks != index % blocks;
  put(job.gram, job.width, first, column, mirrored, s.s0);
  put(job.gram, job.width, first + 1, column, mirrored, s.s1);
  put(job.gram, job.width, first + 2, column, mirrored, s.s2);
  put(job.gram, job.width, first + 3, column, mirrored, s.s3);
  put(job.gram, job.width, first + 4, column, mirrored, s.s4);
  put(job.gram, job.width, first + 5, column, mirrored, s.s5);
  put(job.gram, job.width, first + 6, column, mirrored, s.s6);
  put(job.gram, job.width, first + 7, column, mirrored, s.s7);
}
