// Tiles of a gradient for the weight gradient by Winograd F(4×4, 3×3): E = A dY Aᵀ, where dY are the 4×4 pixels of a tile of results: how much each of
// the 36 products counts in them (the transpose of winograd_output's Y = Aᵀ M A).
// dy: [N,H,W,4·target4] f32 or f16, zero outside. e: [36][params.stored tiles][4·target4] f32: tiles first .. first + count of the image, by rows; those
// behind them, as far as there are invocations, are zero.
// An invocation makes four channels of a tile.
struct Params {
  height: i32, width: i32, target4: i32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read_write> e: array<vec4f>;

struct Six {
  x0: vec4f,
  x1: vec4f,
  x2: vec4f,
  x3: vec4f,
  x4: vec4f,
  x5: vec4f,
}

// A times a column of four.
fn spread(d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f) -> Six {
  let even = d0 + d2;
  let odd = d1 + d3;
  let far_even = d0 + 4.0 * d2;
  let far_odd = 2.0 * (d1 + 4.0 * d3);
  return Six(d0, even + odd, even - odd, far_even + far_odd, far_even - far_odd, d3);
}

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(dy[(base + kept) * params.target4 + c]), inside && column == kept);
}

fn pixels(n: i32, row: i32, column: i32, c: i32) -> Six {
  let kept = min(row, params.height - 1);
  let inside = row == kept;
  let base = (n * params.height + kept) * params.width;
  return spread(
    pixel(base, column, c, inside),
    pixel(base, column + 1, c, inside),
    pixel(base, column + 2, c, inside),
    pixel(base, column + 3, c, inside),
  );
}

fn store(column: i32, at: i32, step: i32, d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f) {
  let s = spread(d0, d1, d2, d3);
  e[at + column * step] = s.x0;
  e[at + (6 + column) * step] = s.x1;
  e[at + (12 + column) * step] = s.x2;
  e[at + (18 + column) * step] = s.x3;
  e[at + (24 + column) * step] = s.x4;
  e[at + (30 + column) * step] = s.x5;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.stored * params.target4) { return; }
  let c = index % params.target4;
  let place = index / params.target4;
  let tile = params.first + place;
  let column = tile % params.across * 4;
  // A row that is far outside: zeros.
  let row = select(params.height, tile / params.across % params.down * 4, place < params.count);
  let n = tile / (params.across * params.down);

  let r0 = pixels(n, row, column, c);
  let r1 = pixels(n, row + 1, column, c);
  let r2 = pixels(n, row + 2, column, c);
  let r3 = pixels(n, row + 3, column, c);
  let step = params.stored * params.target4;
  store(0, index, step, r0.x0, r1.x0, r2.x0, r3.x0);
  store(1, index, step, r0.x1, r1.x1, r2.x1, r3.x1);
  store(2, index, step, r0.x2, r1.x2, r2.x2, r3.x2);
  store(3, index, step, r0.x3, r1.x3, r2.x3, r3.x3);
  store(4, index, step, r0.x4, r1.x4, r2.x4, r3.x4);
  store(5, index, step, r0.x5, r1.x5, r2.x5, r3.x5);
}
