/** Activations of the float64 reference. */
import { type Activation, LEAKY_SLOPE } from "../nn/topology.ts";

/** `none`: z; `relu`: max(z, 0); `leaky-relu`: z where z > 0, else 0.1·z. */
export function activate(z: number, activation: Activation): number {
  if (activation === "none" || z > 0) return z;
  return activation === "relu" ? 0 : LEAKY_SLOPE * z;
}

/** Slope of the activation where its output is `y`; at the kink (0) that of the negative side. */
export function activationSlope(y: number, activation: Activation): number {
  // All three keep the sign, so the output alone tells the side: no op has to keep z.
  if (activation === "none" || y > 0) return 1;
  return activation === "relu" ? 0 : LEAKY_SLOPE;
}
