// Included by the convolutions with few channels on one side: a workgroup owns 32 pixels across by 8 down, an invocation four of a column, so that neighbours
// read neighbouring addresses. `params` and the sources a and b, joined along the channels, are the kernel's.
const ACROSS = 32;
const DOWN = 8;
const THREADS = 64;
// Pixels with those around them.
const WIDE = ACROSS + 2;
const PIXELS = WIDE * (DOWN + 2);

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> source4 {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  var v: source4;
  if (c < params.a4) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    v = a[(base + (kept_column >> params.shift)) * params.a4 + c];
  } else {
    v = b[((n * params.height + kept_row) * params.width + kept_column) * params.b4 + c - params.a4];
  }
  return select(source4(), v, row == kept_row && column == kept_column);
}

// The first pixel of a workgroup; n is -1 where there is none left for it.
struct Corner {
  n: i32,
  row: i32,
  column: i32,
}

fn corner(tile: i32) -> Corner {
  let across = (params.width + ACROSS - 1) / ACROSS;
  let down = (params.height + DOWN - 1) / DOWN;
  if (tile >= params.batch * down * across) { return Corner(-1, 0, 0); }
  return Corner(tile / (across * down), tile / across % down * DOWN, tile % across * ACROSS);
}
