// Gram matrices A = Xᵀ X of many layers, a job for each, for Muon's Newton-Schulz iteration.
// x: of a layer job.rows rows of 4·job.width f32 from vec4 job.first on; a: from vec4 job.gram on, 4·job.width rows of as many columns.
// An invocation owns 16 rows by 16 columns of A (64 vec4 accumulators). Where the width is no multiple of 16, the last vec4 is computed again, and not stored.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> a: array<vec4f>;

fn put(at: i32, step: i32, s: Sums) {
  a[at] = s.i0;
  a[at + step] = s.i1;
  a[at + 2 * step] = s.i2;
  a[at + 3 * step] = s.i3;
}

// Stores those vec4s of columns that are there.
fn put_row(at: i32, o: i32, width: i32, s: Row) {
  put(at + o, width, s.o0);
  if (o + 1 < width) { put(at + o + 1, width, s.o1); }
  if (o + 2 < width) { put(at + o + 2, width, s.o2); }
  if (o + 3 < width) { put(at + o + 3, width, s.o3); }
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
  if (index >= across * across) { return; }
  let last = job.width - 1;
  let o0 = index % across * 4;
  let o1 = min(o0 + 1, last);
  let o2 = min(o0 + 2, last);
  let o3 = min(o0 + 3, last);
  let c0 = index / across * 4;
  let c1 = min(c0 + 1, last);
  let c2 = min(c0 + 2, last);
  let c3 = min(c0 + 3, last);

  var s0 = Row();
  var s1 = Row();
  var s2 = Row();
  var s3 = Row();
  var row = 0;
  loop {
    // Two rows at a time: there are nine or one times a multiple of four.
    let u = job.first + row * job.width;
    let w = u + job.width;
    let d = Outputs(x[u + o0], x[u + o1], x[u + o2], x[u + o3]);
    let g = Outputs(x[w + o0], x[w + o1], x[w + o2], x[w + o3]);
    s0 = add_row(s0, x[u + c0], d, x[w + c0], g);
    s1 = add_row(s1, x[u + c1], d, x[w + c1], g);
    s2 = add_row(s2, x[u + c2], d, x[w + c2], g);
    s3 = add_row(s3, x[u + c3], d, x[w + c3], g);
    row += 2;
    if (row >= job.rows) { break; }
  }
  let step = 4 * job.width;
  put_row(job.gram + c0 * step, o0, job.width, s0);
  if (c1 != c0) { put_row(job.gram + c1 * step, o0, job.width, s1); }
  if (c2 != c1) { put_row(job.gram + c2 * step, o0, job.width, s2); }
  if (c3 != c2) { put_row(job.gram + c3 * step, o0, job.width, s3); }
}
