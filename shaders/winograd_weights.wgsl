// Weights of a 3×3 convolution for Winograd F(TILE×TILE, 3×3) (Lavin & Gray, 2015): U = G g Gᵀ for each pair of channels.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs; u: [(TILE+2)²][4·source4][target4] vec4 over channels of the
// result; each f32 or f16.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): turned by 180°, inputs and
// outputs exchanged. An invocation makes all of one channel of the source by four of the result.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<weight4>;
@group(0) @binding(2) var<storage, read_write> u: array<transformed4>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return f32(weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4]);
}

fn tap(index: i32, source: i32, result: i32) -> vec4f {
  if (FORWARD == 1u) { return vec4f(weight[(index * params.in4 * 4 + source) * params.out4 + result]); }
  let first = result * 4;
  return vec4f(
    turned(index, first, source), turned(index, first + 1, source),
    turned(index, first + 2, source), turned(index, first + 3, source),
  );
}

// Three values through G: six of them, of F(2×2, 3×3) the first four.
struct Six {
  g0: vec4f,
  g1: vec4f,
  g2: vec4f,
  g3: vec4f,
  g4: vec4f,
  g5: vec4f,
}

fn spread(a: vec4f, b: vec4f, c: vec4f) -> Six {
  if (TILE == 2) { return Six(a, (a + b + c) / 2.0, (a - b + c) / 2.0, c, vec4f(), vec4f()); }
  let even = (a + 4.0 * c) / 24.0;
  return Six(a / 4.0, -(a + b + c) / 6.0, -(a - b + c) / 6.0, even + b / 12.0, even - b / 12.0, c);
}

// Stores row i of the result.
fn store(i: i32, at: i32, step: i32, left: vec4f, middle: vec4f, right: vec4f) {
  let first = at + i * (TILE + 2) * step;
  let s = spread(left, middle, right);
  u[first] = transformed4(s.g0);
  u[first + step] = transformed4(s.g1);
  u[first + 2 * step] = transformed4(s.g2);
  u[first + 3 * step] = transformed4(s.g3);
  if (TILE == 4) {
    u[first + 4 * step] = transformed4(s.g4);
    u[first + 5 * step] = transformed4(s.g5);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let size = params.source4 * 4 * params.target4;
  if (index >= size) { return; }
  let result = index % params.target4;
  let source = index / params.target4;
  let left = spread(tap(0, source, result), tap(3, source, result), tap(6, source, result));
  let middle = spread(tap(1, source, result), tap(4, source, result), tap(7, source, result));
  let right = spread(tap(2, source, result), tap(5, source, result), tap(8, source, result));
  store(0, index, size, left.g0, middle.g0, right.g0);
  store(1, index, size, left.g1, middle.g1, right.g1);
  store(2, index, size, left.g2, middle.g2, right.g2);
  store(3, index, size, left.g3, middle.g3, right.g3);
  if (TILE == 4) {
    store(4, index, size, left.g4, middle.g4, right.g4);
    store(5, index, size, left.g5, middle.g5, right.g5);
  }
}
