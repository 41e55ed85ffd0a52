// Included by kernels that are matrix products, C[m][n] = sum over k of A[m][k] * B[k][n], after `const M`, `N`, `VECS` and `K4` (the prelude):
// a workgroup owns M rows by N columns of C, an invocation 8 rows by 4·VECS columns in registers; 4·K4 steps of k at a time lie in
// workgroup memory, twice: while one half is multiplied, what was fetched for the next goes to the other, so a step has one barrier.
// A lies there as [half][k][M/4] vec4 over rows, B as [half][k][N/4] vec4 over columns. The 8 rows are two quads M/8 apart and the
// columns two vec4s N/8 apart, so that neighbours read neighbouring addresses: no bank conflicts, and stores that coalesce.
const STEPS = 4 * K4;
const QUADS = M / 4;
const COLUMNS = N / 4;
// Invocations along the rows and along the columns of C.
const ACROSS_M = M / 8;
const ACROSS_N = COLUMNS / VECS;
const THREADS = ACROSS_M * ACROSS_N;

var<workgroup> tile_a: array<vec4f, 2 * STEPS * QUADS>;
var<workgroup> tile_b: array<vec4f, 2 * STEPS * COLUMNS>;

// Eight rows by four columns (s0..s7), and by the four at N/8 further where VECS is 2 (t0..t7).
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
  t0: vec4f,
  t1: vec4f,
  t2: vec4f,
  t3: vec4f,
  t4: vec4f,
  t5: vec4f,
  t6: vec4f,
  t7: vec4f,
}

// Four vec4s, as they are fetched and kept.
struct Four {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

fn transposed(f: Four) -> Four {
  return Four(
    vec4f(f.v0.x, f.v1.x, f.v2.x, f.v3.x),
    vec4f(f.v0.y, f.v1.y, f.v2.y, f.v3.y),
    vec4f(f.v0.z, f.v1.z, f.v2.z, f.v3.z),
    vec4f(f.v0.w, f.v1.w, f.v2.w, f.v3.w),
  );
}

// Adds the products of one half: m and n are this invocation's places along the rows and the columns.
fn multiply(s: ptr<function, Sums>, half: i32, m: i32, n: i32) {
  for (var k = half * STEPS; k < (half + 1) * STEPS; k++) {
    let a0 = tile_a[k * QUADS + m];
    let a1 = tile_a[k * QUADS + m + ACROSS_M];
    let b0 = tile_b[k * COLUMNS + n];
    (*s).s0 = fma(vec4f(a0.x), b0, (*s).s0);
    (*s).s1 = fma(vec4f(a0.y), b0, (*s).s1);
    (*s).s2 = fma(vec4f(a0.z), b0, (*s).s2);
    (*s).s3 = fma(vec4f(a0.w), b0, (*s).s3);
    (*s).s4 = fma(vec4f(a1.x), b0, (*s).s4);
    (*s).s5 = fma(vec4f(a1.y), b0, (*s).s5);
    (*s).s6 = fma(vec4f(a1.z), b0, (*s).s6);
    (*s).s7 = fma(vec4f(a1.w), b0, (*s).s7);
    if (VECS == 2) {
      let b1 = tile_b[k * COLUMNS + n + (VECS - 1) * ACROSS_N];
      (*s).t0 = fma(vec4f(a0.x), b1, (*s).t0);
      (*s).t1 = fma(vec4f(a0.y), b1, (*s).t1);
      (*s).t2 = fma(vec4f(a0.z), b1, (*s).t2);
      (*s).t3 = fma(vec4f(a0.w), b1, (*s).t3);
      (*s).t4 = fma(vec4f(a1.x), b1, (*s).t4);
      (*s).t5 = fma(vec4f(a1.y), b1, (*s).t5);
      (*s).t6 = fma(vec4f(a1.z), b1, (*s).t6);
      (*s).t7 = fma(vec4f(a1.w), b1, (*s).t7);
    }
  }
}
