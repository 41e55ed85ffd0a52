// Convolution 3×3 and its input gradient by conv2d_body8x4.wgsl (included before this, with conv2d_shared_taps.wgsl), for subgroups of eight lanes that are a workgroup each: the lanes, which
// want the same weights, load an eighth of them each and hand them around. On a software adapter a broadcast costs less than a multiply-add of a vec4, a load
// as much as twenty to fifty.
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
