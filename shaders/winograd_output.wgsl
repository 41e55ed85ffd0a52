// The result of a convolution from its products in the space of Winograd F(TILE×TILE, 3×3): Y = Aᵀ M A, then bias and activation
// (FORWARD 1), or the slope of the activation at `activated`, added to what y holds when params.accumulate is set (FORWARD 0).
// m: [(TILE+2)²][params.stored tiles][4·target4], tiles first .. first + count of the image, by rows; y: [N,H,W,4·target4]; each f32 or f16.
// An invocation makes four channels of the TILE×TILE pixels of a tile.
struct Params {
  height: i32, width: i32, target4: i32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> m: array<transformed4>;
@group(0) @binding(2) var<storage, read> bias: array<weight4>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> y: array<result4>;

override FORWARD: u32 = 1u;
// Forward, 1: what `activated` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;

struct Four {
  y0: vec4f,
  y1: vec4f,
  y2: vec4f,
  y3: vec4f,
}

// Aᵀ times a column of six; of F(2×2, 3×3) four go in and two come out.
fn gather(m0: vec4f, m1: vec4f, m2: vec4f, m3: vec4f, m4: vec4f, m5: vec4f) -> Four {
  if (TILE == 2) { return Four(m0 + m1 + m2, m1 - m2 - m3, vec4f(), vec4f()); }
  let even = m1 + m2;
  let odd = m1 - m2;
  let far_even = m3 + m4;
  let far_odd = m3 - m4;
  return Four(
    m0 + even + far_even,
    odd + 2.0 * far_odd,
    even + 4.0 * far_even,
    odd + 8.0 * far_odd + m5,
  );
}

// A row of m, gathered.
fn row_of(i: i32, at: i32, step: i32) -> Four {
  let first = at + i * (TILE + 2) * step;
  var far4 = vec4f();
  var far5 = vec4f();
  if (TILE == 4) {
    far4 = vec4f(m[first + 4 * step]);
    far5 = vec4f(m[first + 5 * step]);
  }
  return gather(
    vec4f(m[first]),
    vec4f(m[first + step]),
    vec4f(m[first + 2 * step]),
    vec4f(m[first + 3 * step]),
    far4,
    far5,
  );
}

fn put(at: i32, value: vec4f, added: vec4f) {
  if (FORWARD == 1u) {
    var result = activate_as(value + added, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = to_result4(result);
  } else {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = to_result4(gradient);
  }
}

// Stores those of a column of results that are inside of the image.
fn put_column(at: i32, row: i32, column: i32, f: Four, added: vec4f) {
  if (column >= params.width) { return; }
  let down = params.width * params.target4;
  put(at, f.y0, added);
  if (row + 1 < params.height) { put(at + down, f.y1, added); }
  if (TILE == 4) {
    if (row + 2 < params.height) { put(at + 2 * down, f.y2, added); }
    if (row + 3 < params.height) { put(at + 3 * down, f.y3, added); }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.count * params.target4) { return; }
  let c = index % params.target4;
  let tile = params.first + index / params.target4;
  let column = tile % params.across * TILE;
  let row = tile / params.across % params.down * TILE;
  let n = tile / (params.across * params.down);

  let step = params.stored * params.target4;
  let r0 = row_of(0, index, step);
  let r1 = row_of(1, index, step);
  let r2 = row_of(2, index, step);
  let r3 = row_of(3, index, step);
  var r4 = Four();
  var r5 = Four();
  if (TILE == 4) {
    r4 = row_of(4, index, step);
    r5 = row_of(5, index, step);
  }
  var added = vec4f();
  if (FORWARD == 1u) { added = vec4f(bias[c]); }
  let at = ((n * params.height + row) * params.width + column) * params.target4 + c;
  put_column(at, row, column, gather(r0.y0, r1.y0, r2.y0, r3.y0, r4.y0, r5.y0), added);
  put_column(at + params.target4, row, column + 1, gather(r0.y1, r1.y1, r2.y1, r3.y1, r4.y1, r5.y1), added);
  if (TILE == 4) {
    put_column(at + 2 * params.target4, row, column + 2, gather(r0.y2, r1.y2, r2.y2, r3.y2, r4.y2, r5.y2), added);
    put_column(at + 3 * params.target4, row, column + 3, gather(r0.y3, r1.y3, r2.y3, r3.y3, r4.y3, r5.y3), added);
  }
}
