/** Which kernels run a convolution: the versions by name, what each can run, and the choice where none is named. Pure. */
import type { AdapterSummary } from "../gpu/device.ts";

/**
 * Versions of the kernels, by name: `naive` are the readable ones, for any kernel size and stride; `tile8` and `tile8x4` run 3×3 with
 * stride 1 with a tile of 8 pixels and of 8×4. `auto` picks for adapter, layer and role.
 */
export const CONV_VARIANTS = ["auto", "naive", "tile8", "tile8x4"] as const;
export type ConvVariant = typeof CONV_VARIANTS[number];
/** A version that is not left open. */
export type SettledVariant = Exclude<ConvVariant, "auto">;

/** What a convolution is asked for: its value, or one of its gradients. */
export const CONV_ROLES = ["forward", "input-gradient", "weight-gradient"] as const;
export type ConvRole = typeof CONV_ROLES[number];

/** What a choice may depend on: the convolution's extents, channels in vec4s (all joined inputs together), kernel and stride. */
export interface ConvLayer {
  readonly batch: number;
  /** Of the input, after upsampling. */
  readonly height: number;
  readonly width: number;
  readonly in4: number;
  readonly out4: number;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
}

/** From this LLVM on lavapipe runs the small tile a little faster, and compiles it in a tenth of the time (docs/KERNELS.md). */
const LLVM_OF_TILE8 = 19;

/** WebGPU's guaranteed size of a uniform binding. */
export const UNIFORM_BYTES = 65536;

/** vec4s of a block of eight outputs: 9 taps × in × 2, and 2 of bias, up to the alignment of a binding's offset (256 bytes). */
export function blockVec4s(in4: number): number {
  return Math.ceil((72 * in4 + 2) / 16) * 16;
}

/** Blocks of eight outputs that a uniform binding holds. */
export function blocksInUniform(in4: number): number {
  return Math.floor(UNIFORM_BYTES / (blockVec4s(in4) * 16));
}

/** The version that `auto` stands for. */
export function autoVariant(adapter: AdapterSummary, _layer: ConvLayer, _role: ConvRole): SettledVariant {
  return (adapter.llvm ?? Infinity) < LLVM_OF_TILE8 ? "tile8x4" : "tile8";
}

/** Whether a version can run a layer in a role; `naive` can run all. */
export function runs(variant: SettledVariant, layer: ConvLayer, role: ConvRole): boolean {
  if (variant === "naive") return true;
  if (layer.kernel !== 3 || layer.stride !== 1) return false;
  // The tiles take their weights from a uniform binding, which holds at least one block of outputs.
  return role === "weight-gradient" ||
    blockVec4s(role === "forward" ? layer.in4 : layer.out4) * 16 <= UNIFORM_BYTES;
}

/** The version that runs: the wanted one, `auto` settled; `naive` where that one cannot. */
export function settledVariant(
  wanted: ConvVariant,
  adapter: AdapterSummary,
  layer: ConvLayer,
  role: ConvRole,
): SettledVariant {
  const variant = wanted === "auto" ? autoVariant(adapter, layer, role) : wanted;
  return runs(variant, layer, role) ? variant : "naive";
}

/** The versions that run a layer in a role and differ there: what a tuner has to measure. */
export function variantCandidates(layer: ConvLayer, role: ConvRole): SettledVariant[] {
  return CONV_VARIANTS.filter((variant): variant is SettledVariant =>
    // Both tiles have the same weight gradient.
    variant !== "auto" && runs(variant, layer, role) &&
    !(role === "weight-gradient" && variant === "tile8x4")
  );
}
