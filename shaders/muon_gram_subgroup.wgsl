// Gram matrices A = Xᵀ X of many layers, as muon_gram.wgsl, for subgroups of eight lanes that are a workgroup each.
// A lane owns 32 rows by four columns of A (32 vec4 accumulators), each lane other columns and all the same rows: they load what makes these once between
// them and hand it around, 4 loads for 64 multiply-adds of vec4s. A is symmetric: blocks of 32 by 32 below its diagonal are stored as they are mirrored. Of columns
// beyond the last, the last are computed again, and not stored; no lane leaves before the end.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> a: array<vec4f>;

// Four rows of A (fields) by four columns.
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds what two rows of x give: p and q their four elements for the rows of A, d and e for the columns.
fn add(s: Sums, p: vec4f, d: vec4f, q: vec4f, e: vec4f) -> Sums {
  return Sums(
    fma(vec4f(q.x), e, fma(vec4f(p.x), d, s.i0)),
    fma(vec4f(q.y), e, fma(vec4f(p.y), d, s.i1)),
    fma(vec4f(q.z), e, fma(vec4f(p.z), d, s.i2)),
    fma(vec4f(q.w), e, fma(vec4f(p.w), d, s.i3)),
  );
}

fn store(job: Job, row4: i32, column: i32, s: Sums) {
  let at = job.gram + 4 * row4 * job.width + column;
  a[at] = s.i0;
  a[at + job.width] = s.i1;
  a[at + 2 * job.width] = s.i2;
  a[at + 3 * job.width] = s.i3;
}

fn put(job: Job, row4: i32, column: i32, mirrored: bool, s: Sums) {
  if (row4 >= job.width) { return; }
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
  let down = index / blocks;
  let across = index % blocks;
  if (down > across || index >= blocks * blocks) { return; }
  let last = job.width - 1;
  let column = across * 8 + lane;
  let own = min(column, last);
  let shared4 = min(down * 8 + lane, last);

  var s0 = Sums();
  var s1 = Sums();
  var s2 = Sums();
  var s3 = Sums();
  var s4 = Sums();
  var s5 = Sums();
  var s6 = Sums();
  var s7 = Sums();
  var row = 0;
  loop {
    // Two rows at a time: there are nine or one times a multiple of four.
    let u = job.first + row * job.width;
    let d = x[u + own];
    let e = x[u + job.width + own];
    let p = x[u + shared4];
    let q = x[u + job.width + shared4];
    s0 = add(s0, subgroupBroadcast(p, 0u), d, subgroupBroadcast(q, 0u), e);
    s1 = add(s1, subgroupBroadcast(p, 1u), d, subgroupBroadcast(q, 1u), e);
    s2 = add(s2, subgroupBroadcast(p, 2u), d, subgroupBroadcast(q, 2u), e);
    s3 = add(s3, subgroupBroadcast(p, 3u), d, subgroupBroadcast(q, 3u), e);
    s4 = add(s4, subgroupBroadcast(p, 4u), d, subgroupBroadcast(q, 4u), e);
    s5 = add(s5, subgroupBroadcast(p, 5u), d, subgroupBroadcast(q, 5u), e);
    s6 = add(s6, subgroupBroadcast(p, 6u), d, subgroupBroadcast(q, 6u), e);
    s7 = add(s7, subgroupBroadcast(p, 7u), d, subgroupBroadcast(q, 7u), e);
    row += 2;
    if (row >= job.rows) { break; }
  }
  if (column > last) { return; }
  let first = down * 8;
  let mirrored = down != across;
  put(job, first, column, mirrored, s0);
  put(job, first + 1, column, mirrored, s1);
  put(job, first + 2, column, mirrored, s2);
  put(job, first + 3, column, mirrored, s3);
  put(job, first + 4, column, mirrored, s4);
  put(job, first + 5, column, mirrored, s5);
  put(job, first + 6, column, mirrored, s6);
  put(job, first + 7, column, mirrored, s7);
}
