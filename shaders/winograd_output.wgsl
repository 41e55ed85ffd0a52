// The result of a convolution from its products in the space of Winograd F(TILE×TILE, 3×3): Y = Aᵀ M A, then bias and activation
// (FORWARD 1), or the slope of the activation at `activated`, added to what y holds when params.accumulate is set (FORWARD 0).
// m: [(TILE+2)²][params.stored tiles][4·target4] f32, tiles first .. first + count of the image, by rows; y: [N,H,W,4·target4] f32; all
// read and written as pairs. An invocation makes two channels of the TILE×TILE pixels of a tile.
struct Params {
  height: i32, width: i32, target2: i32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> m: array<vec2f>;
@group(0) @binding(2) var<storage, read> bias: array<vec2f>;
@group(0) @binding(3) var<storage, read> activated: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec2f>;

override FORWARD: u32 = 1u;

struct Four {
  y0: vec2f,
  y1: vec2f,
  y2: vec2f,
  y3: vec2f,
}

// Aᵀ times a column of six; of F(2×2, 3×3) four go in and two come out.
fn gather(m0: vec2f, m1: vec2f, m2: vec2f, m3: vec2f, m4: vec2f, m5: vec2f) -> Four {
  if (TILE == 2) { return Four(m0 + m1 + m2, m1 - m2 - m3, vec2f(), vec2f()); }
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
  var far4 = vec2f();
  var far5 = vec2f();
  if (TILE == 4) {
    far4 = m[first + 4 * step];
    far5 = m[first + 5 * step];
  }
  return gather(m[first], m[first + step], m[first + 2 * step], m[first + 3 * step], far4, far5);
}

fn put(n: i32, row: i32, column: i32, c: i32, value: vec2f) {
  if (row >= params.height || column >= params.width) { return; }
  let at = ((n * params.height + row) * params.width + column) * params.target2 + c;
  if (FORWARD == 1u) {
    y[at] = activate_as(vec4f(value + bias[c], 0.0, 0.0), params.activation).xy;
  } else {
    var gradient = value * slope_as(vec4f(activated[at], 0.0, 0.0), params.activation).xy;
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

fn put_column(n: i32, row: i32, column: i32, c: i32, f: Four) {
  put(n, row, column, c, f.y0);
  put(n, row + 1, column, c, f.y1);
  if (TILE == 4) {
    put(n, row + 2, column, c, f.y2);
    put(n, row + 3, column, c, f.y3);
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count * params.target2) { return; }
  let c = index % params.target2;
  let tile = params.first + index / params.target2;
  let column = tile % params.across * TILE;
  let row = tile / params.across % params.down * TILE;
  let n = tile / (params.across * params.down);

  let step = params.stored * params.target2;
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
  put_column(n, row, column, c, gather(r0.y0, r1.y0, r2.y0, r3.y0, r4.y0, r5.y0));
  put_column(n, row, column + 1, c, gather(r0.y1, r1.y1, r2.y1, r3.y1, r4.y1, r5.y1));
  if (TILE == 4) {
    put_column(n, row, column + 2, c, gather(r0.y2, r1.y2, r2.y2, r3.y2, r4.y2, r5.y2));
    put_column(n, row, column + 3, c, gather(r0.y3, r1.y3, r2.y3, r3.y3, r4.y3, r5.y3));
  }
}
