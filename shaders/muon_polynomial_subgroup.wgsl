// The polynomial of one Newton-Schulz iteration of Muon, as muon_polynomial.wgsl, for subgroups of eight lanes that are a workgroup each (behind symmetric_block.wgsl): A is
// symmetric, so A² = Aᵀ A, and C is symmetric too: blocks of 32 by 32 below its diagonal are stored as they are mirrored. Of columns beyond the last, the last are
// computed again, and not stored; no lane leaves before the end.
struct Job { gram: i32, width: i32, scale: f32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

override FIRST: u32 = 0u;

fn element(at: i32) -> vec4f { return a[at]; }

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

fn store(job: Job, row4: i32, column: i32, s: Sums) {
  let at = job.gram + 4 * row4 * job.width + column;
  c[at] = s.i0;
  c[at + job.width] = s.i1;
  c[at + 2 * job.width] = s.i2;
  c[at + 3 * job.width] = s.i3;
}

// C of four rows by four columns of A², all multiplied by `factor`; A is to be multiplied by `unit` first.
fn polynomial(job: Job, row4: i32, column: i32, unit: f32, factor: f32, square: Sums) -> Sums {
  let at = job.gram + 4 * row4 * job.width + column;
  let diagonal = select(0.0, 3.4445, row4 == column);
  return Sums(
    factor * (vec4f(diagonal, 0.0, 0.0, 0.0) - 4.7750 * unit * a[at] + 2.0315 * unit * (unit * square.i0)),
    factor * (vec4f(0.0, diagonal, 0.0, 0.0) - 4.7750 * unit * a[at + job.width] + 2.0315 * unit * (unit * square.i1)),
    factor * (vec4f(0.0, 0.0, diagonal, 0.0) - 4.7750 * unit * a[at + 2 * job.width] + 2.0315 * unit * (unit * square.i2)),
    factor * (vec4f(0.0, 0.0, 0.0, diagonal) - 4.7750 * unit * a[at + 3 * job.width] + 2.0315 * unit * (unit * square.i3)),
  );
}

fn put(job: Job, row4: i32, column: i32, mirrored: bool, unit: f32, factor: f32, square: Sums) {
  if (row4 >= job.width) { return; }
  let s = polynomial(job, row4, column, unit, factor, square);
  store(job, row4, column, s);
  if (mirrored) {
    let t = transpose(mat4x4f(s.i0, s.i1, s.i2, s.i3));
    store(job, column, row4, Sums(t[0], t[1], t[2], t[3]));
  }
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
  put(job, first, column, mirrored, unit, factor, s.s0);
  put(job, first + 1, column, mirrored, unit, factor, s.s1);
  put(job, first + 2, column, mirrored, unit, factor, s.s2);
  put(job, first + 3, column, mirrored, unit, factor, s.s3);
  put(job, first + 4, column, mirrored, unit, factor, s.s4);
  put(job, first + 5, column, mirrored, unit, factor, s.s5);
  put(job, first + 6, column, mirrored, unit, factor, s.s6);
  put(job, first + 7, column, mirrored, unit, factor, s.s7);
}
