// Included behind conv2d_kernel9.wgsl by the kernels of tiles of 8×4 pixels whose lanes share weights: each lane loads an eighth of them.

fn even(q: vec4f) -> Tap {
  return Tap(
    subgroupBroadcast(q, 0u),
    subgroupBroadcast(q, 2u),
    subgroupBroadcast(q, 4u),
    subgroupBroadcast(q, 6u),
  );
}

fn odd(q: vec4f) -> Tap {
  return Tap(
    subgroupBroadcast(q, 1u),
    subgroupBroadcast(q, 3u),
    subgroupBroadcast(q, 5u),
    subgroupBroadcast(q, 7u),
  );
}

// The taps of a block's first four outputs, and of its last four, for four inputs: from `first` on, `step` apart. Both load the same, which compilers see.
fn first_outputs(first: i32, step: i32, lane: i32) -> Kernel {
  let at = first + lane;
  return Kernel(
    even(w[at]),
    even(w[at + step]),
    even(w[at + 2 * step]),
    even(w[at + 3 * step]),
    even(w[at + 4 * step]),
    even(w[at + 5 * step]),
    even(w[at + 6 * step]),
    even(w[at + 7 * step]),
    even(w[at + 8 * step]),
  );
}

fn last_outputs(first: i32, step: i32, lane: i32) -> Kernel {
  let at = first + lane;
  return Kernel(
    odd(w[at]),
    odd(w[at + step]),
    odd(w[at + 2 * step]),
    odd(w[at + 3 * step]),
    odd(w[at + 4 * step]),
    odd(w[at + 5 * step]),
    odd(w[at + 6 * step]),
    odd(w[at + 7 * step]),
    odd(w[at + 8 * step]),
  );
}
