// Included behind conv2d_tile by the kernels that hold all nine taps of a kernel at once.

// A kernel's nine taps, row by row.
struct Kernel {
  w00: Tap,
  w01: Tap,
  w02: Tap,
  w10: Tap,
  w11: Tap,
  w12: Tap,
  w20: Tap,
  w21: Tap,
  w22: Tap,
}

// The taps from `first` on, `step` apart.
fn kernel(first: i32, step: i32) -> Kernel {
  return Kernel(
    tap(first),
    tap(first + step),
    tap(first + 2 * step),
    tap(first + 3 * step),
    tap(first + 4 * step),
    tap(first + 5 * step),
    tap(first + 6 * step),
    tap(first + 7 * step),
    tap(first + 8 * step),
  );
}

// Adds what a row of pixels gives to a row of results that meets it with the kernel's first, second or third row.
fn first_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w00, k.w01, k.w02); }
fn second_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w10, k.w11, k.w12); }
fn third_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w20, k.w21, k.w22); }
