// As conv2d_subgroup8x4.wgsl, weights from a storage buffer: a load costs twice as much, but all outputs of a wide layer are one dispatch.
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
