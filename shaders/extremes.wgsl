// Which values of the picture x: [pixels][c4] vec4 f32 are extreme. WHOLE 0: those with x ≤ 0 or x ≥ 1, each by itself. WHOLE 1: those of holes, pixels
// whose channels are all ≤ 0 or all ≥ 1. The kernel that includes it declares x and the params c4 and channels.
override WHOLE: u32 = 0u;

fn extremes_of(index: i32) -> vec4<bool> {
  if (WHOLE == 0u) {
    let value = x[index];
    return (value <= vec4f(0.0)) | (value >= vec4f(1.0));
  }
  let first = index - index % params.c4;
  var black = true;
  var white = true;
  for (var part = 0; part < params.c4; part++) {
    let value = x[first + part];
    let empty = part * 4 + vec4i(0, 1, 2, 3) >= vec4i(params.channels);
    black = black && all(empty | (value <= vec4f(0.0)));
    white = white && all(empty | (value >= vec4f(1.0)));
  }
  return vec4<bool>(black || white);
}
