// The polynomial of one Newton-Schulz iteration of Muon, as muon_polynomial.wgsl, for subgroups of eight lanes that are a workgroup each (behind symmetric_block.wgsl): A is
// symmetric, so A² = Aᵀ A, and C is symmetric too: blocks of 32 by 32 below its diagonal are stored as they are mirrored. Of columns beyond the last, the last are
// computed again, and not stored; no lane leaves before the end.
struct Job { gram: i32, width: i32, scale: f32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

override FIRST: u32 = 0u;

fn element(at: i32) -> vec4f { return a[at]; }
fn write(at: i32, value: vec4f) { c[at] = value; }

// The trace of A: each lane adds up an eighth of the diagonal, and all lanes what these have.
fn trace(job: Job, lane: i32) -> f32 {
  var own = 0.0;
  var k = 0;
  loop {
    let at = min(k + lane, job.width - 1);
    let diagonal = job.gram + (4 * job.width + 1) * at;
    let four = (a[diagonal].x + a[diagonal + job.width].y) + (a[diagonal + 2 * job.width].z + a[diagonal + 3 * job.width].w);
    own += select(0.0, four, k + lane < job.width);
    k += 8;
    if (k >= job.width) { break; }
  }
  return ((subgroupBroadcast(own, 0u) + subgroupBroadcast(own, 1u)) + (subgroupBroadcast(own, 2u) + subgroupBroadcast(own, 3u)))
    + ((subgroupBroadcast(own, 4u) + subgroupBroadcast(own, 5u)) + (subgroupBroadcast(own, 6u) + subgroupBroadcast(own, 7u)));
}

// C of four rows by four columns of A², all multiplied by `factor`; A is to be multiplied by `unit` first. Of rows beyond the last, the last are read.
fn polynomial(job: Job, row4: i32, column: i32, unit: f32, factor: f32, square: Sums) -> Sums {
  let at = job.gram + 4 * min(row4, job.width - 1) * job.width + column;
  let diagonal = select(0.0, 3.4445, row4 == column);
  return Sums(
    factor * (vec4f(diagonal, 0.0, 0.0, 0.0) - 4.7750 * unit * a[at] + 2.0315 * unit * (unit * square.i0)),
    factor * (vec4f(0.0, diagonal, 0.0, 0.0) - 4.7750 * unit * a[at + job.width] + 2.0315 * unit * (unit * square.i1)),
    factor * (vec4f(0.0, 0.0, diagonal, 0.0) - 4.7750 * unit * a[at + 2 * job.width] + 2.0315 * unit * (unit * square.i2)),
    factor * (vec4f(0.0, 0.0, 0.0, diagonal) - 4.7750 * unit * a[at + 3 * job.width] + 2.0315 * unit * (unit * square.i3)),
  );
}

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
  let s = block_of(job.gram, 4 * job.width, job.width, min(column, last), min(first + lane, last));
  var unit = 1.0;
  if (FIRST == 1u) {
    let t = trace(job, lane);
    // A gradient of zero stays zero; the squares of one much smaller than that are none any more.
    unit = select(0.0, 1.0 / t, t > 1e-18);
  }
  if (column > last) { return; }
  let factor = job.scale * sqrt(unit);
  let mirrored = index / blocks != index % blocks;
  put(job.gram, job.width, first, column, mirrored, polynomial(job, first, column, unit, factor, s.s0));
  put(job.gram, job.width, first + 1, column, mirrored, polynomial(job, first + 1, column, unit, factor, s.s1));
  put(job.gram, job.width, first + 2, column, mirrored, polynomial(job, first + 2, column, unit, factor, s.s2));
  put(job.gram, job.width, first + 3, column, mirrored, polynomial(job, first + 3, column, unit, factor, s.s3));
  put(job.gram, job.width, first + 4, column, mirrored, polynomial(job, first + 4, column, unit, factor, s.s4));
  put(job.gram, job.width, first + 5, column, mirrored, polynomial(job, first + 5, column, unit, factor, s.s5));
  put(job.gram, job.width, first + 6, column, mirrored, polynomial(job, first + 6, column, unit, factor, s.s6));
  put(job.gram, job.width, first + 7, column, mirrored, polynomial(job, first + 7, column, unit, factor, s.s7));
}
