/** How kernels take an activation: the override ACTIVATION of shaders/activation.wgsl. */
import type { Tensor } from "../gpu/tensor.ts";

/** Function applied after a convolution. `leaky-relu` has the slope 0.1 below zero. */
export type Activation = "none" | "relu" | "leaky-relu";

const CODES: Record<Activation, number> = { "none": 0, "relu": 1, "leaky-relu": 2 };

/** Value of the override for a fused activation. */
export function activationCode(activation: Activation): number {
  return CODES[activation];
}

// Which activation is fused into a tensor: gradient kernels that write to it multiply by its slope.
const fused = new WeakMap<Tensor, Activation>();

/** Notes that y = activate(…) came out of a kernel with this activation. */
export function markActivated(y: Tensor, activation: Activation): void {
  fused.set(y, activation);
}

/** The activation that is fused into x. */
export function activationOf(x: Tensor): Activation {
  return fused.get(x) ?? "none";
}

/**
 * The binding and constant for a gradient kernel that writes the gradient of x: `activated` is x where its slope is needed,
 * else `otherwise` (any tensor that is bound for reading).
 */
export function slopeOf(
  x: Tensor,
  otherwise: Tensor,
): { activated: Tensor; constants: { ACTIVATION: number } } {
  const activation = activationOf(x);
  return { activated: activation === "none" ? otherwise : x, constants: { ACTIVATION: CODES[activation] } };
}
