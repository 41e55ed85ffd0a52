// Gradients of a residual block's s = r + y, y = activate(v), of which s and r are kept, and y is not: dv = slope of y * ds takes the place of
// ds, which nobody needs any more, and dr = slope of r * ds is added to what dr holds when params.accumulate is set.
// The slope of y is read off the sign of s - r: a positive y that is too small to change r counts as one below zero.
// Elementwise over vec4 f32; an invocation owns one vec4.
struct Params { count: i32, accumulate: i32, activation_y: u32, activation_r: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> s: array<vec4f>;
@group(0) @binding(2) var<storage, read> r: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> ds: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dr: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = ds[index];
  let term = r[index];
  ds[index] = gradient * slope_as(s[index] - term, params.activation_y);
  var to_r = gradient * slope_as(term, params.activation_r);
  if (params.accumulate != 0) { to_r += dr[index]; }
  dr[index] = to_r;
}
