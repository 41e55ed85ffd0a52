/** In what precision a network's values are stored on the way: a choice, and what it comes to on an adapter. */
import { UserError } from "../base/errors.ts";
import { type AdapterSummary, hasHalf } from "../gpu/adapter.ts";

/** How weights and the values between layers are stored; sums are f32 in both. */
export type Precision = "f32" | "f16";

/** `auto` is `f32` so far: what `f16` wins is not yet measured on a GPU, and on a software adapter it wins nothing. */
export type PrecisionChoice = "auto" | Precision;

export const PRECISIONS: readonly PrecisionChoice[] = ["auto", "f32", "f16"];

/**
 * What a choice comes to on an adapter.
 * @throws {UserError} for `f16` where the adapter has none.
 */
export function settledPrecision(choice: PrecisionChoice, adapter: AdapterSummary): Precision {
  if (choice !== "f16") return "f32";
  if (!hasHalf(adapter)) {
    throw new UserError(
      `Cannot run in f16: ${adapter.name} has no shader-f16 (clairnet doctor lists features); leave --precision at auto`,
      { exitCode: 2 },
    );
  }
  return "f16";
}
