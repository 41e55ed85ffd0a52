// Tiles of the sources for Winograd F(TILE×TILE, 3×3): V = Bᵀ d B, where d are the (TILE+2)² pixels that a tile of TILE² results meets.
// Sources a and b, joined along the channels: [N,H,W,4·(a4|b4)] f32, read as pairs; a of half the size when params.shift = 1 (nearest
// upsampling by the address). v: [(TILE+2)²][params.stored tiles][4·(a4+b4)]: tiles first .. first + count of the image, by rows.
// An invocation makes two channels of a tile: so little that it fits into registers, so much that neighbours fill a line of the cache.
struct Params {
  height: i32, width: i32, a2: i32, b2: i32, shift: u32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec2f>;
@group(0) @binding(2) var<storage, read> b: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> v: array<vec2f>;

// Six values: pixels of a row, or what becomes of them. Of F(2×2, 3×3) the first four.
struct Six {
  x0: vec2f,
  x1: vec2f,
  x2: vec2f,
  x3: vec2f,
  x4: vec2f,
  x5: vec2f,
}

// Bᵀ times a column.
fn spread(d: Six) -> Six {
  if (TILE == 2) { return Six(d.x0 - d.x2, d.x1 + d.x2, d.x2 - d.x1, d.x1 - d.x3, vec2f(), vec2f()); }
  return Six(
    4.0 * d.x0 - 5.0 * d.x2 + d.x4,
    (d.x4 - 4.0 * d.x2) + (d.x3 - 4.0 * d.x1),
    (d.x4 - 4.0 * d.x2) - (d.x3 - 4.0 * d.x1),
    (d.x4 - d.x2) + 2.0 * (d.x3 - d.x1),
    (d.x4 - d.x2) - 2.0 * (d.x3 - d.x1),
    4.0 * d.x1 - 5.0 * d.x3 + d.x5,
  );
}

// Two channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> vec2f {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  var value: vec2f;
  if (c < params.a2) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    value = a[(base + (kept_column >> params.shift)) * params.a2 + c];
  } else {
    value = b[((n * params.height + kept_row) * params.width + kept_column) * params.b2 + c - params.a2];
  }
  return select(vec2f(), value, row == kept_row && column == kept_column);
}

fn pixels(n: i32, row: i32, column: i32, c: i32) -> Six {
  var d = Six();
  d.x0 = pixel(n, row, column, c);
  d.x1 = pixel(n, row, column + 1, c);
  d.x2 = pixel(n, row, column + 2, c);
  d.x3 = pixel(n, row, column + 3, c);
  if (TILE == 4) {
    d.x4 = pixel(n, row, column + 4, c);
    d.x5 = pixel(n, row, column + 5, c);
  }
  return d;
}

fn store(column: i32, at: i32, step: i32, d: Six) {
  let s = spread(d);
  v[at + column * step] = s.x0;
  v[at + (TILE + 2 + column) * step] = s.x1;
  v[at + (2 * (TILE + 2) + column) * step] = s.x2;
  v[at + (3 * (TILE + 2) + column) * step] = s.x3;
  if (TILE == 4) {
    v[at + (4 * (TILE + 2) + column) * step] = s.x4;
    v[at + (5 * (TILE + 2) + column) * step] = s.x5;
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let channels2 = params.a2 + params.b2;
  if (index >= params.count * channels2) { return; }
  let c = index % channels2;
  let tile = params.first + index / channels2;
  let column = tile % params.across * TILE - 1;
  let row = tile / params.across % params.down * TILE - 1;
  let n = tile / (params.across * params.down);

  let r0 = spread(pixels(n, row, column, c));
  let r1 = spread(pixels(n, row + 1, column, c));
  let r2 = spread(pixels(n, row + 2, column, c));
  let r3 = spread(pixels(n, row + 3, column, c));
  var r4 = Six();
  var r5 = Six();
  if (TILE == 4) {
    r4 = spread(pixels(n, row + 4, column, c));
    r5 = spread(pixels(n, row + 5, column, c));
  }
  let step = params.stored * channels2;
  store(0, index, step, Six(r0.x0, r1.x0, r2.x0, r3.x0, r4.x0, r5.x0));
  store(1, index, step, Six(r0.x1, r1.x1, r2.x1, r3.x1, r4.x1, r5.x1));
  store(2, index, step, Six(r0.x2, r1.x2, r2.x2, r3.x2, r4.x2, r5.x2));
  store(3, index, step, Six(r0.x3, r1.x3, r2.x3, r3.x3, r4.x3, r5.x3));
  if (TILE == 4) {
    store(4, index, step, Six(r0.x4, r1.x4, r2.x4, r3.x4, r4.x4, r5.x4));
    store(5, index, step, Six(r0.x5, r1.x5, r2.x5, r3.x5, r4.x5, r5.x5));
  }
}
