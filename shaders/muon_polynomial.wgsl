// The polynomial of one Newton-Schulz iteration of Muon (Jordan et al. 2024): C = scale · (3.4445 I - 4.7750 A + 2.0315 A²), for the Gram matrices A = Xᵀ X of many layers,
// a job for each, so that X ← X C brings X's singular values nearer to 1.
// FIRST 1: X is not normalised yet. Its squared Frobenius norm t is the trace of A; C is that of X/√t, over √t once more.
// a, c: from vec4 job.gram on, 4·job.width rows of as many columns. An invocation owns 16 rows by 4 columns of C; of rows beyond the last, the last is
// computed again, and not stored.
struct Job { gram: i32, width: i32, scale: f32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

override FIRST: u32 = 0u;

// A row of a at vec4 k.
fn at(job: Job, row: i32, k: i32) -> vec4f {
  return a[job.gram + min(row, 4 * job.width - 1) * job.width + k];
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

// unit is 1/t, factor what all is multiplied by.
fn put(job: Job, row: i32, column: i32, unit: f32, factor: f32, square: vec4f) {
  if (row >= 4 * job.width) { return; }
  let index = job.gram + row * job.width + column;
  let identity = select(vec4f(), vec4f(vec4i(0, 1, 2, 3) == vec4i(row - 4 * column)), row / 4 == column);
  c[index] = factor * (3.4445 * identity - 4.7750 * unit * a[index] + 2.0315 * unit * (unit * square));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let width = job.width;
  if (index >= (width + 3) / 4 * width) { return; }
  let column = index % width;
  let row = index / width * 16;
  var s = Rows();
  var trace = 0.0;
  var k = 0;
  loop {
    let first = job.gram + 4 * k * width + column;
    s = add_products(s, rows(job, row, k), a[first], a[first + width], a[first + 2 * width], a[first + 3 * width]);
    if (FIRST == 1u) {
      let diagonal = job.gram + 4 * k * width + k;
      trace += (a[diagonal].x + a[diagonal + width].y) + (a[diagonal + 2 * width].z + a[diagonal + 3 * width].w);
    }
    k++;
    if (k >= width) { break; }
  }
  var unit = 1.0;
  // A gradient of zero stays zero; the squares of one much smaller than that are none any more.
  if (FIRST == 1u) { unit = select(0.0, 1.0 / trace, trace > 1e-18); }
  let factor = job.scale * sqrt(unit);
  put(job, row, column, unit, factor, s.r0);
  put(job, row + 1, column, unit, factor, s.r1);
  put(job, row + 2, column, unit, factor, s.r2);
  put(job, row + 3, column, unit, factor, s.r3);
  put(job, row + 4, column, unit, factor, s.r4);
  put(job, row + 5, column, unit, factor, s.r5);
  put(job, row + 6, column, unit, factor, s.r6);
  put(job, row + 7, column, unit, factor, s.r7);
  put(job, row + 8, column, unit, factor, s.r8);
  put(job, row + 9, column, unit, factor, s.r9);
  put(job, row + 10, column, unit, factor, s.r10);
  put(job, row + 11, column, unit, factor, s.r11);
  put(job, row + 12, column, unit, factor, s.r12);
  put(job, row + 13, column, unit, factor, s.r13);
  put(job, row + 14, column, unit, factor, s.r14);
  put(job, row + 15, column, unit, factor, s.r15);
}
