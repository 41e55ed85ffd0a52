// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. An eighth of the code of
// conv2d_tile8x4, so it compiles quickly everywhere, and its accumulators fit into the registers of a GPU.
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let at_place = place(id, group, groups, params.batch * across * params.height);
  if (!at_place.inside) { return; }
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = at_place.block * params.block_vec4s;
  let out = (params.first_block + at_place.block) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = eight(w[bias]);
  var s1 = eight(w[bias + 1]);
  if (MODE == 2u) {
    s0 = loaded(at, last);
    s1 = loaded(at + select(0, 1, two), last);
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    var ky = 0;
    loop {
      let v = pixels(n, y0 + ky - 1, x0, c);
      let first = block + (ky * 3 * params.in4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
      ky++;
      if (ky >= 3) { break; }
    }
    c++;
    if (c >= params.in4) { break; }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
