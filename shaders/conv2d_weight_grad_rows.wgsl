// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: [slices][9][all inputs, 4·total4][out4] vec4 f32; sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 4 inputs by 4 outputs for all nine taps (36 vec4 accumulators) and walks the rows of its slice from left to right,
// so that each column of x is loaded once and used for three taps in x.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let blocks = params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = (index % blocks) % params.out4;
  let c = (index % blocks) / params.out4;
  let height = params.height;
  let width = params.width;
  let shift = params.shift;
  let in4 = params.in4;
  var s00 = vec4f();
  var s01 = vec4f();
  var s02 = vec4f();
  var s03 = vec4f();
  var s10 = vec4f();
  var s11 = vec4f();
  var s12 = vec4f();
  var s13 = vec4f();
  var s20 = vec4f();
  var s21 = vec4f();
  var s22 = vec4f();
  var s23 = vec4f();
  var s30 = vec4f();
  var s31 = vec4f();
  var s32 = vec4f();
  var s33 = vec4f();
  var s40 = vec4f();
  var s41 = vec4f();
  var s42 = vec4f();
  var s43 = vec4f();
  var s50 = vec4f();
  var s51 = vec4f();
  var s52 = vec4f();
  var s53 = vec4f();
  var s60 = vec4f();
  var s61 = vec4f();
  var s62 = vec4f();
  var s63 = vec4f();
  var s70 = vec4f();
  var s71 = vec4f();
  var s72 = vec4f();
  var s73 = vec4f();
  var s80 = vec4f();
  var s81 = vec4f();
  var s82 = vec4f();
  var s83 = vec4f();

  let end = min((slice + 1) * params.rows, params.batch * height);
  for (var row = slice * params.rows; row < end; row++) {
    let n = row / height;
    let y = row % height;
    let above = y > 0;
    let below = y + 1 < height;
    let base0 = (n * (height >> shift) + (max(y - 1, 0) >> shift)) * (width >> shift);
    let base1 = (n * (height >> shift) + (y >> shift)) * (width >> shift);
    let base2 = (n * (height >> shift) + (min(y + 1, height - 1) >> shift)) * (width >> shift);
    var l0 = vec4f();
    var l1 = vec4f();
    var l2 = vec4f();
    var m0 = select(vec4f(), x[base0 * in4 + c], above);
    var m1 = x[base1 * in4 + c];
    var m2 = select(vec4f(), x[base2 * in4 + c], below);
    for (var column = 0; column < width; column++) {
      let d = dy[(row * width + column) * params.out4 + o];
      let inside = column + 1 < width;
      let next = min(column + 1, width - 1) >> shift;
      let r0 = select(vec4f(), x[(base0 + next) * in4 + c], above && inside);
      let r1 = select(vec4f(), x[(base1 + next) * in4 + c], inside);
      let r2 = select(vec4f(), x[(base2 + next) * in4 + c], below && inside);
      s00 = fma(vec4f(l0.x), d, s00);
      s01 = fma(vec4f(l0.y), d, s01);
      s02 = fma(vec4f(l0.z), d, s02);
      s03 = fma(vec4f(l0.w), d, s03);
      s10 = fma(vec4f(m0.x), d, s10);
      s11 = fma(vec4f(m0.y), d, s11);
      s12 = fma(vec4f(m0.z), d, s12);
      s13 = fma(vec4f(m0.w), d, s13);
      s20 = fma(vec4f(r0.x), d, s20);
      s21 = fma(vec4f(r0.y), d, s21);
      s22 = fma(vec4f(r0.z), d, s22);
      s23 = fma(vec4f(r0.w), d, s23);
      s30 = fma(vec4f(l1.x), d, s30);
      s31 = fma(vec4f(l1.y), d, s31);
      s32 = fma(vec4f(l1.z), d, s32);
      s33 = fma(vec4f(l1.w), d, s33);
      s40 = fma(vec4f(m1.x), d, s40);
      s41 = fma(vec4f(m1.y), d, s41);
      s42 = fma(vec4f(m1.z), d, s42);
      s43 = fma(vec4f(m1.w), d, s43);
      s50 = fma(vec4f(r1.x), d, s50);
      s51 = fma(vec4f(r1.y), d, s51);
      s52 = fma(vec4f(r1.z), d, s52);
      s53 = fma(vec4f(r1.w), d, s53);
      s60 = fma(vec4f(l2.x), d, s60);
      s61 = fma(vec4f(l2.y), d, s61);
      s62 = fma(vec4f(l2.z), d, s62);
      s63 = fma(vec4f(l2.w), d, s63);
      s70 = fma(vec4f(m2.x), d, s70);
      s71 = fma(vec4f(m2.y), d, s71);
      s72 = fma(vec4f(m2.z), d, s72);
      s73 = fma(vec4f(m2.w), d, s73);
      s80 = fma(vec4f(r2.x), d, s80);
      s81 = fma(vec4f(r2.y), d, s81);
      s82 = fma(vec4f(r2.z), d, s82);
      s83 = fma(vec4f(r2.w), d, s83);
      l0 = m0;
      m0 = r0;
      l1 = m1;
      m1 = r1;
      l2 = m2;
      m2 = r2;
    }
  }

  let taps = params.total4 * 4 * params.out4;
  let at = slice * 9 * taps + (params.first4 + c) * 4 * params.out4 + o;
  partials[at + 0 * taps + 0 * params.out4] = s00;
  partials[at + 0 * taps + 1 * params.out4] = s01;
  partials[at + 0 * taps + 2 * params.out4] = s02;
  partials[at + 0 * taps + 3 * params.out4] = s03;
  partials[at + 1 * taps + 0 * params.out4] = s10;
  partials[at + 1 * taps + 1 * params.out4] = s11;
  partials[at + 1 * taps + 2 * params.out4] = s12;
  partials[at + 1 * taps + 3 * params.out4] = s13;
  partials[at + 2 * taps + 0 * params.out4] = s20;
  partials[at + 2 * taps + 1 * params.out4] = s21;
  partials[at + 2 * taps + 2 * params.out4] = s22;
  partials[at + 2 * taps + 3 * params.out4] = s23;
  partials[at + 3 * taps + 0 * params.out4] = s30;
  partials[at + 3 * taps + 1 * params.out4] = s31;
  partials[at + 3 * taps + 2 * params.out4] = s32;
  partials[at + 3 * taps + 3 * params.out4] = s33;
  partials[at + 4 * taps + 0 * params.out4] = s40;
  partials[at + 4 * taps + 1 * params.out4] = s41;
  partials[at + 4 * taps + 2 * params.out4] = s42;
  partials[at + 4 * taps + 3 * params.out4] = s43;
  partials[at + 5 * taps + 0 * params.out4] = s50;
  partials[at + 5 * taps + 1 * params.out4] = s51;
  partials[at + 5 * taps + 2 * params.out4] = s52;
  partials[at + 5 * taps + 3 * params.out4] = s53;
  partials[at + 6 * taps + 0 * params.out4] = s60;
  partials[at + 6 * taps + 1 * params.out4] = s61;
  partials[at + 6 * taps + 2 * params.out4] = s62;
  partials[at + 6 * taps + 3 * params.out4] = s63;
  partials[at + 7 * taps + 0 * params.out4] = s70;
  partials[at + 7 * taps + 1 * params.out4] = s71;
  partials[at + 7 * taps + 2 * params.out4] = s72;
  partials[at + 7 * taps + 3 * params.out4] = s73;
  partials[at + 8 * taps + 0 * params.out4] = s80;
  partials[at + 8 * taps + 1 * params.out4] = s81;
  partials[at + 8 * taps + 2 * params.out4] = s82;
  partials[at + 8 * taps + 3 * params.out4] = s83;
}
