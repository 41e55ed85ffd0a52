// Correction of extremes: y = base + r where x is extreme (extremes.wgsl), else y = base; over vec4s of f32; r may be f16.
// An invocation owns one vec4.
struct Params { count: i32, c4: i32, channels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> base: array<vec4f>;
@group(0) @binding(3) var<storage, read> r: array<correction4>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let known = base[index];
  y[index] = select(known, known + vec4f(r[index]), extremes_of(index));
}
