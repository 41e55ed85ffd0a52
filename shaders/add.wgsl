// Residual add: y = a + b, elementwise over vec4s, each tensor of f32 or f16, summed in f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<a4>;
@group(0) @binding(2) var<storage, read> b: array<b4>;
@group(0) @binding(3) var<storage, read_write> y: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = to_result4(vec4f(a[index]) + vec4f(b[index]));
}
