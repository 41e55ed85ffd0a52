// Weight gradient of a 3×3 convolution from its products in the space of Winograd F(4×4, 3×3): dw = Gᵀ P G (the transpose of winograd_weights' U = G g Gᵀ).
// p: [36][params.slices][4·source4 inputs][target4] vec4 f32, summed over the slices in their order; dw: [9 taps][4·source4][target4] vec4 f32; params.size
// is 4·source4·target4. An invocation makes the nine taps of one input by four outputs.
struct Params { size: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> p: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;

struct Three {
  g0: vec4f,
  g1: vec4f,
  g2: vec4f,
}

// Gᵀ times a column of six.
fn gather(m0: vec4f, m1: vec4f, m2: vec4f, m3: vec4f, m4: vec4f, m5: vec4f) -> Three {
  let even = (m1 + m2) / 6.0;
  let far_even = m3 + m4;
  return Three(
    m0 / 4.0 - even + far_even / 24.0,
    (m2 - m1) / 6.0 + (m3 - m4) / 12.0,
    far_even / 6.0 - even + m5,
  );
}

fn product_of(part: i32, at: i32) -> vec4f {
  let first = part * params.slices * params.size + at;
  var sum = p[first];
  for (var slice = 1; slice < params.slices; slice++) { sum += p[first + slice * params.size]; }
  return sum;
}

fn row_of(i: i32, at: i32) -> Three {
  return gather(
    product_of(6 * i, at),
    product_of(6 * i + 1, at),
    product_of(6 * i + 2, at),
    product_of(6 * i + 3, at),
    product_of(6 * i + 4, at),
    product_of(6 * i + 5, at),
  );
}

fn put(column: i32, at: i32, t: Three) {
  dw[at + column * params.size] = t.g0;
  dw[at + (3 + column) * params.size] = t.g1;
  dw[at + (6 + column) * params.size] = t.g2;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.size) { return; }
  let r0 = row_of(0, index);
  let r1 = row_of(1, index);
  let r2 = row_of(2, index);
  let r3 = row_of(3, index);
  let r4 = row_of(4, index);
  let r5 = row_of(5, index);
  put(0, index, gather(r0.g0, r1.g0, r2.g0, r3.g0, r4.g0, r5.g0));
  put(1, index, gather(r0.g1, r1.g1, r2.g1, r3.g1, r4.g1, r5.g1));
  put(2, index, gather(r0.g2, r1.g2, r2.g2, r3.g2, r4.g2, r5.g2));
}
