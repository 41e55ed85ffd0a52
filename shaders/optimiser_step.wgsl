// Included by the kernels of an optimiser's step: what is known of it, and pieces of work over all parameters: job.count vec4 f32 from vec4 job.first on.
struct Job { first: i32, count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32, momentum: f32,
}

// What a gradient is multiplied by, so that their global norm, whose square is given, is max_norm at most.
fn clip_scale(squared_norm: f32, max_norm: f32) -> f32 {
  let norm = sqrt(squared_norm);
  if (max_norm > 0.0 && norm > max_norm) { return max_norm / norm; }
  return 1.0;
}
