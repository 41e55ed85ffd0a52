// Included by kernels that sum up outer products in registers, without workgroup memory: sixteen inputs by sixteen outputs, two products at a time, so that each
// sum is read and written once for two.
// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Sixteen outputs.
struct Row {
  o0: Sums,
  o1: Sums,
  o2: Sums,
  o3: Sums,
}

// Sixteen outputs of a tile.
struct Outputs {
  o0: vec4f,
  o1: vec4f,
  o2: vec4f,
  o3: vec4f,
}

// Adds the products of two tiles: a, b are four inputs, d, g four outputs.
fn add(s: Sums, a: vec4f, d: vec4f, b: vec4f, g: vec4f) -> Sums {
  return Sums(
    fma(vec4f(b.x), g, fma(vec4f(a.x), d, s.i0)),
    fma(vec4f(b.y), g, fma(vec4f(a.y), d, s.i1)),
    fma(vec4f(b.z), g, fma(vec4f(a.z), d, s.i2)),
    fma(vec4f(b.w), g, fma(vec4f(a.w), d, s.i3)),
  );
}

fn add_row(s: Row, a: vec4f, d: Outputs, b: vec4f, g: Outputs) -> Row {
  return Row(
    add(s.o0, a, d.o0, b, g.o0),
    add(s.o1, a, d.o1, b, g.o1),
    add(s.o2, a, d.o2, b, g.o2),
    add(s.o3, a, d.o3, b, g.o3),
  );
}
