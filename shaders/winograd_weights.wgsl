// Weights of a 3×3 convolution for Winograd F(TILE×TILE, 3×3) (Lavin & Gray, 2015): U = G g Gᵀ for each pair of channels.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs; u: [(TILE+2)²][4·source4][target4] vec4 over channels of the result.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): turned by 180°, inputs and
// outputs exchanged. An invocation makes all of one channel of the source by four of the result.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> u: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

fn tap(index: i32, source: i32, result: i32) -> vec4f {
  if (FORWARD == 1u) { return weight[(index * params.in4 * 4 + source) * params.out4 + result]; }
  let first = result * 4;
  return vec4f(
    turned(index, first, source), turned(index, first + 1, source),
    turned(index, first + 2, source), turned(index, first + 3, source),
  );
}

// Row i of G times (a, b, c).
fn g(i: i32, a: vec4f, b: vec4f, c: vec4f) -> vec4f {
  if (TILE == 2) {
    switch i {
      case 0: { return a; }
      case 1: { return (a + b + c) / 2.0; }
      case 2: { return (a - b + c) / 2.0; }
      default: { return c; }
    }
  }
  switch i {
    case 0: { return a / 4.0; }
    case 1: { return -(a + b + c) / 6.0; }
    case 2: { return -(a - b + c) / 6.0; }
    case 3: { return (a + 2.0 * b + 4.0 * c) / 24.0; }
    case 4: { return (a - 2.0 * b + 4.0 * c) / 24.0; }
    default: { return c; }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let size = params.source4 * 4 * params.target4;
  if (index >= size) { return; }
  let result = index % params.target4;
  let source = index / params.target4;
  let t0 = tap(0, source, result);
  let t1 = tap(1, source, result);
  let t2 = tap(2, source, result);
  let t3 = tap(3, source, result);
  let t4 = tap(4, source, result);
  let t5 = tap(5, source, result);
  let t6 = tap(6, source, result);
  let t7 = tap(7, source, result);
  let t8 = tap(8, source, result);
  for (var i = 0; i < TILE + 2; i++) {
    let left = g(i, t0, t3, t6);
    let middle = g(i, t1, t4, t7);
    let right = g(i, t2, t5, t8);
    for (var j = 0; j < TILE + 2; j++) {
      u[(i * (TILE + 2) + j) * size + index] = g(j, left, middle, right);
    }
  }
}
