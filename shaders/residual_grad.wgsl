// Gradients of a residual block's s = r + y, y = activate(v), of which s and r are kept, and y is not: dv = slope of y * ds takes the place of
// ds, which nobody needs any more, and dr = slope of r * ds is added to what dr holds when params.accumulate is set.
// The slope of y is read off the sign of s - r: a positive y that is too small to change r counts as one below zero.
// Elementwise over vec4s of f32 or f16, each its own; an invocation owns one vec4.
struct Params { count: i32, accumulate: i32, activation_y: u32, activation_r: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> s: array<s4>;
@group(0) @binding(2) var<storage, read> r: array<r4>;
@group(0) @binding(3) var<storage, read_write> ds: array<gradient4>;
@group(0) @binding(4) var<storage, read_write> dr: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = vec4f(ds[index]);
  let term = vec4f(r[index]);
  ds[index] = to_gradient4(gradient * slope_as(vec4f(s[index]) - term, params.activation_y));
  var to_r = gradient * slope_as(term, params.activation_r);
  if (params.accumulate != 0) { to_r += vec4f(dr[index]); }
  dr[index] = to_result4(to_r);
}
