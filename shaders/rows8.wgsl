// Included by kernels of subgroups that multiply matrices in registers, without workgroup memory: eight rows, and four channels by four columns of weights.
// Eight rows, four channels or columns of each.
struct Rows {
  r0: vec4f,
  r1: vec4f,
  r2: vec4f,
  r3: vec4f,
  r4: vec4f,
  r5: vec4f,
  r6: vec4f,
  r7: vec4f,
}

// Four channels (fields) by four columns.
struct Weights {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of four channels with their weights.
fn mac(sum: vec4f, x: vec4f, w: Weights) -> vec4f {
  return fma(w.i3, vec4f(x.w), fma(w.i2, vec4f(x.z), fma(w.i1, vec4f(x.y), fma(w.i0, vec4f(x.x), sum))));
}
