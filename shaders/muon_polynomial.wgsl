// The polynomial of one Newton-Schulz iteration of Muon (Jordan et al. 2024): C = scale · (3.4445 I - 4.7750 A + 2.0315 A²), for the Gram matrices A = Xᵀ X of many layers,
// a job for each, so that X ← X C brings X's singular values nearer to 1.
// FIRST 1: X is not normalised yet. Its squared Frobenius norm t is the trace of A; C is that of X/√t, over √t once more.
// a, c: from vec4 job.gram on, 4·job.width rows of as many columns. An invocation owns four columns of one row of C. A is symmetric: its columns are its rows.
struct Job { gram: i32, width: i32, scale: f32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

override FIRST: u32 = 0u;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let width = job.width;
  if (index >= 4 * width * width) { return; }
  let row = index / width;
  let column = index % width;
  var square = vec4f();
  var trace = 0.0;
  var k = 0;
  loop {
    let left = a[job.gram + row * width + k];
    let at = job.gram + 4 * k * width + column;
    square = fma(vec4f(left.x), a[at], square);
    square = fma(vec4f(left.y), a[at + width], square);
    square = fma(vec4f(left.z), a[at + 2 * width], square);
    square = fma(vec4f(left.w), a[at + 3 * width], square);
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
  let identity = select(vec4f(), vec4f(vec4i(0, 1, 2, 3) == vec4i(row - 4 * column)), row / 4 == column);
  let sum = 3.4445 * identity - 4.7750 * unit * a[job.gram + index] + 2.0315 * unit * (unit * square);
  c[job.gram + index] = job.scale * sqrt(unit) * sum;
}
