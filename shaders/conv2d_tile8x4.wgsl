// Convolution 3×3 and its input gradient by conv2d_body8x4.wgsl (included before this): each lane loads the weights that it needs.
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;

// The taps of a block's first four outputs, and of its last four, for four inputs: from `first` on, `step` apart.
fn first_outputs(first: i32, step: i32, lane: i32) -> Kernel { return kernel(first, step); }
fn last_outputs(first: i32, step: i32, lane: i32) -> Kernel { return kernel(first + 1, step); }
