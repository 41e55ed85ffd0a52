// Y = X C of many layers, a job for each: the product of a Newton-Schulz iteration of Muon.
// x, y: of a layer job.rows rows of 4·job.width f32 from vec4 job.first on; c: from vec4 job.gram on, 4·job.width rows of as many columns.
// An invocation owns 16 rows by 16 columns of Y; of rows and columns beyond the last, the last are computed again, and not stored.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> c: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

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
    at(job, row + 8, k),
    at(job, row + 9, k),
    at(job, row + 10, k),
    at(job, row + 11, k),
    at(job, row + 12, k),
    at(job, row + 13, k),
    at(job, row + 14, k),
    at(job, row + 15, k),
  );
}

fn add(s: Rows, v: Rows, first: i32, width: i32) -> Rows {
  return add_products(s, v, c[first], c[first + width], c[first + 2 * width], c[first + 3 * width]);
}

fn store(job: Job, row: i32, column: i32, value: vec4f) {
  if (row < job.rows) { y[job.first + row * job.width + column] = value; }
}

fn put(job: Job, row: i32, column: i32, s: Rows) {
  store(job, row, column, s.r0);
  store(job, row + 1, column, s.r1);
  store(job, row + 2, column, s.r2);
  store(job, row + 3, column, s.r3);
  store(job, row + 4, column, s.r4);
  store(job, row + 5, column, s.r5);
  store(job, row + 6, column, s.r6);
  store(job, row + 7, column, s.r7);
  store(job, row + 8, column, s.r8);
  store(job, row + 9, column, s.r9);
  store(job, row + 10, column, s.r10);
  store(job, row + 11, column, s.r11);
  store(job, row + 12, column, s.r12);
  store(job, row + 13, column, s.r13);
  store(job, row + 14, column, s.r14);
  store(job, row + 15, column, s.r15);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let across = (job.width + 3) / 4;
  if (index >= (job.rows + 15) / 16 * across) { return; }
  let last = job.width - 1;
  let o0 = index % across * 4;
  let o1 = min(o0 + 1, last);
  let o2 = min(o0 + 2, last);
  let o3 = min(o0 + 3, last);
  let row = index / across * 16;

  var s0 = Rows();
  var s1 = Rows();
  var s2 = Rows();
  var s3 = Rows();
  var k = 0;
  loop {
    let v = rows(job, row, k);
    let first = job.gram + 4 * k * job.width;
    s0 = add(s0, v, first + o0, job.width);
    s1 = add(s1, v, first + o1, job.width);
    s2 = add(s2, v, first + o2, job.width);
    s3 = add(s3, v, first + o3, job.width);
    k++;
    if (k >= job.width) { break; }
  }
  put(job, row, o0, s0);
  if (o1 != o0) { put(job, row, o1, s1); }
  if (o2 != o1) { put(job, row, o2, s2); }
  if (o3 != o2) { put(job, row, o3, s3); }
}
