// Included by kernels that are matrix products, C[m][n] = sum over k of A[m][k] * B[k][n], after `const M`, `N`, `VECS` and `K4` (the prelude):
// a workgroup owns M rows by N columns of C, an invocation 8 rows by 4·VECS columns in registers; 4·K4 steps of k at a time lie in
// workgroup memory, twice: while one half is multiplied, what was fetched for the next goes to the other, so a step has one barrier.
// A lies there as [half][k][M/4] vec4 over rows, B as [half][k][N/4] vec4 over columns. The 8 rows are two quads M/8 apart and the
// columns two vec4s N/8 apart, so that neighbours read neighbouring addresses: no bank conflicts, and stores that coalesce.
// Both lie there as tile4, and are multiplied and added up as product4: vec4s of f32 or of f16.
const STEPS = 4 * K4;
const QUADS = M / 4;
const COLUMNS = N / 4;
// Invocations along the rows and along the columns of C.
const ACROSS_M = M / 8;
const ACROSS_N = COLUMNS / VECS;
const THREADS = ACROSS_M * ACROSS_N;

var<workgroup> tile_a: array<tile4, 2 * STEPS * QUADS>;
var<workgroup> tile_b: array<tile4, 2 * STEPS * COLUMNS>;

// Eight rows by four columns (s0..s7), and by the four at N/8 further where VECS is 2 (t0..t7).
struct Sums {
  s0: product4,
  s1: product4,
  s2: product4,
  s3: product4,
  s4: product4,
  s5: product4,
  s6: product4,
  s7: product4,
  t0: product4,
  t1: product4,
  t2: product4,
  t3: product4,
  t4: product4,
  t5: product4,
  t6: product4,
  t7: product4,
}

// Four vec4s, as they are fetched and kept.
struct Four {
  v0: tile4,
  v1: tile4,
  v2: tile4,
  v3: tile4,
}

fn transposed(f: Four) -> Four {
  return Four(
    tile4(f.v0.x, f.v1.x, f.v2.x, f.v3.x),
    tile4(f.v0.y, f.v1.y, f.v2.y, f.v3.y),
    tile4(f.v0.z, f.v1.z, f.v2.z, f.v3.z),
    tile4(f.v0.w, f.v1.w, f.v2.w, f.v3.w),
  );
}

// Adds the products of one half: m and n are this invocation's places along the rows and the columns.
fn multiply(s: ptr<function, Sums>, half: i32, m: i32, n: i32) {
  for (var k = half * STEPS; k < (half + 1) * STEPS; k++) {
    let a0 = product4(tile_a[k * QUADS + m]);
    let a1 = product4(tile_a[k * QUADS + m + ACROSS_M]);
    let b0 = product4(tile_b[k * COLUMNS + n]);
    (*s).s0 = fma(product4(a0.x), b0, (*s).s0);
    (*s).s1 = fma(product4(a0.y), b0, (*s).s1);
    (*s).s2 = fma(product4(a0.z), b0, (*s).s2);
    (*s).s3 = fma(product4(a0.w), b0, (*s).s3);
    (*s).s4 = fma(product4(a1.x), b0, (*s).s4);
    (*s).s5 = fma(product4(a1.y), b0, (*s).s5);
    (*s).s6 = fma(product4(a1.z), b0, (*s).s6);
    (*s).s7 = fma(product4(a1.w), b0, (*s).s7);
    if (VECS == 2) {
      let b1 = product4(tile_b[k * COLUMNS + n + (VECS - 1) * ACROSS_N]);
      (*s).t0 = fma(product4(a0.x), b1, (*s).t0);
      (*s).t1 = fma(product4(a0.y), b1, (*s).t1);
      (*s).t2 = fma(product4(a0.z), b1, (*s).t2);
      (*s).t3 = fma(product4(a0.w), b1, (*s).t3);
      (*s).t4 = fma(product4(a1.x), b1, (*s).t4);
      (*s).t5 = fma(product4(a1.y), b1, (*s).t5);
      (*s).t6 = fma(product4(a1.z), b1, (*s).t6);
      (*s).t7 = fma(product4(a1.w), b1, (*s).t7);
    }
  }
}
