// Y = X C of many layers, as muon_apply.wgsl, for subgroups of eight lanes that are a workgroup each (behind rows8.wgsl).
// A lane owns eight rows by 32 columns of Y (64 vec4 accumulators), each lane other rows and all the same columns: they load the elements of C once
// between them and hand them around, 12 loads for 256 multiply-adds of vec4s. Of rows and columns beyond the last, the last are computed again, and not stored; no lane
// leaves before the end.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> c: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

fn add(s: Rows, v: Rows, w: Weights) -> Rows {
  return Rows(
    mac(s.r0, v.r0, w),
    mac(s.r1, v.r1, w),
    mac(s.r2, v.r2, w),
    mac(s.r3, v.r3, w),
    mac(s.r4, v.r4, w),
    mac(s.r5, v.r5, w),
    mac(s.r6, v.r6, w),
    mac(s.r7, v.r7, w),
  );
}

// A row of x at vec4 k.
fn at(job: Job, row: i32, k: i32) -> vec4f {
  return x[job.first + min(row, job.rows - 1) * job.width + k];
}

fn rows(job: Job, row: i32, k: i32) -> Rows {
  return Rows(
    at(job, row, k),
    at(job, row + 1, k),
    at(job, row + 2, k),
    at(job, row + 3, k),
    at(job, row + 4, k),
    at(job, row + 5, k),
    at(job, row + 6, k),
    at(job, row + 7, k),
  );
}

fn store(job: Job, row: i32, column: i32, value: vec4f) {
  if (row < job.rows) { y[job.first + row * job.width + column] = value; }
}

// Stores a column that is there.
fn put(job: Job, row: i32, column: i32, s: Rows) {
  if (column >= job.width) { return; }
  store(job, row, column, s.r0);
  store(job, row + 1, column, s.r1);
  store(job, row + 2, column, s.r2);
  store(job, row + 3, column, s.r3);
  store(job, row + 4, column, s.r4);
  store(job, row + 5, column, s.r5);
  store(job, row + 6, column, s.r6);
  store(job, row + 7, column, s.r7);
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
  let across = (job.width + 7) / 8;
  if (index >= (job.rows + 63) / 64 * across) { return; }
  let o = index % across * 8;
  let own = min(o + lane, job.width - 1);
  let row = index / across * 64 + lane * 8;

  var s0 = Rows();
  var s1 = Rows();
  var s2 = Rows();
  var s3 = Rows();
  var s4 = Rows();
  var s5 = Rows();
  var s6 = Rows();
  var s7 = Rows();
  var k = 0;
  loop {
    let v = rows(job, row, k);
    let first = job.gram + 4 * k * job.width + own;
    let q = Weights(c[first], c[first + job.width], c[first + 2 * job.width], c[first + 3 * job.width]);
    let w0 = Weights(
      subgroupBroadcast(q.i0, 0u),
      subgroupBroadcast(q.i1, 0u),
      subgroupBroadcast(q.i2, 0u),
      subgroupBroadcast(q.i3, 0u),
    );
    s0 = add(s0, v, w0);
    let w1 = Weights(
      subgroupBroadcast(q.i0, 1u),
      subgroupBroadcast(q.i1, 1u),
      subgroupBroadcast(q.i2, 1u),
      subgroupBroadcast(q.i3, 1u),
    );
    s1 = add(s1, v, w1);
    let w2 = Weights(
      subgroupBroadcast(q.i0, 2u),
      subgroupBroadcast(q.i1, 2u),
      subgroupBroadcast(q.i2, 2u),
      subgroupBroadcast(q.i3, 2u),
    );
    s2 = add(s2, v, w2);
    let w3 = Weights(
      subgroupBroadcast(q.i0, 3u),
      subgroupBroadcast(q.i1, 3u),
      subgroupBroadcast(q.i2, 3u),
      subgroupBroadcast(q.i3, 3u),
    );
    s3 = add(s3, v, w3);
    let w4 = Weights(
      subgroupBroadcast(q.i0, 4u),
      subgroupBroadcast(q.i1, 4u),
      subgroupBroadcast(q.i2, 4u),
      subgroupBroadcast(q.i3, 4u),
    );
    s4 = add(s4, v, w4);
    let w5 = Weights(
      subgroupBroadcast(q.i0, 5u),
      subgroupBroadcast(q.i1, 5u),
      subgroupBroadcast(q.i2, 5u),
      subgroupBroadcast(q.i3, 5u),
    );
    s5 = add(s5, v, w5);
    let w6 = Weights(
      subgroupBroadcast(q.i0, 6u),
      subgroupBroadcast(q.i1, 6u),
      subgroupBroadcast(q.i2, 6u),
      subgroupBroadcast(q.i3, 6u),
    );
    s6 = add(s6, v, w6);
    let w7 = Weights(
      subgroupBroadcast(q.i0, 7u),
      subgroupBroadcast(q.i1, 7u),
      subgroupBroadcast(q.i2, 7u),
      subgroupBroadcast(q.i3, 7u),
    );
    s7 = add(s7, v, w7);
    k++;
    if (k >= job.width) { break; }
  }
  put(job, row, o, s0);
  put(job, row, o + 1, s1);
  put(job, row, o + 2, s2);
  put(job, row, o + 3, s3);
  put(job, row, o + 4, s4);
  put(job, row, o + 5, s5);
  put(job, row, o + 6, s6);
  put(job, row, o + 7, s7);
}
