/** A convolution in one of its roles alone, as the benches time it. */
import type { Recorder } from "../src/gpu/recorder.ts";
import type { Tensor } from "../src/gpu/tensor.ts";
import { CONV_ROLES, type ConvRole } from "../src/ops/conv2d_variant.ts";

/**
 * Records the way back from y, the convolution recorded last, where `role` is a gradient, and takes out what belongs to other roles.
 * The gradient of y is the plan's input `dy`: a loss that wrote it would be timed as well.
 */
export function recordRole(rec: Recorder, y: Tensor, role: ConvRole): void {
  if (role !== "forward") {
    rec.gradientInput("dy", y);
    rec.backward();
  }
  const others: readonly string[] = CONV_ROLES.filter((other) => other !== role);
  const kept = rec.dispatches.filter(({ label }) => !label.split("/").some((part) => others.includes(part)));
  rec.dispatches.splice(0, Infinity, ...kept);
}
