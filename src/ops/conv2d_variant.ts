/** Which kernels run a convolution: the versions by name, what each can run, and the choice where none is named. Pure. */
import type { AdapterSummary } from "../gpu/adapter.ts";
import { CORES, LANES } from "./processor.ts";

/**
 * Versions of the kernels, by name. `naive`: the readable ones, for any kernel size and stride. `tile8`, `tile8x4`: tiles of 8 and of 8×4
 * pixels by 8 outputs in registers, without barriers, for 3×3 with stride 1, `tile8x4x16`: 8×4 pixels by 16 outputs, `subgroup8x4`: 8×4
 * pixels by 16 or 8, the weights shared by the lanes of a subgroup, `subgroup8x8`: 8×8 pixels by 4, the pixels shared. `gemm`, `gemm128`: matrix products by tiles of 64 and of 128 pixels in
 * workgroup memory, for any kernel size and stride. `winograd2`, `winograd4`: F(2×2, 3×3) and F(4×4, 3×3), for 3×3 with stride 1,
 * multiplied by the same products, the weight gradient of `winograd2` that of `gemm`; `winograd4_tile16`: F(4×4, 3×3) multiplied in registers. `thin`: few
 * channels on one side, 3×3 with stride 1: a forward pass from at most eight or to at most four, an input gradient from at most four. `gemm_f16`, `gemm128_f16`: the same products of halves, in halves, for the forward pass over them. `auto` picks for adapter, layer and
 * role.
 */
export const CONV_VARIANTS = [
  ...[
    "auto",
    "naive",
    "tile8",
    "tile8x4",
    "tile8x4x16",
    "subgroup8x4",
    "subgroup8x8",
    "gemm",
    "gemm128",
    "winograd2",
    "winograd4",
    "winograd4_tile16",
    "thin",
    "gemm_f16",
    "gemm128_f16",
  ] as const,
] as const;
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
  /** Whether weights and result are f16. */
  readonly half?: boolean;
  /** Whether the weights change from run to run. */
  readonly training?: boolean;
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

/** Whether blocks of sixteen outputs waste no more than one vec4 of them. */
export function fillsSixteen(target4: number): boolean {
  return target4 % 4 === 0 || target4 % 4 === 3;
}

/**
 * From so many vec4s of channels on both sides Winograd pays: on lavapipe below that LLVM, where weights are transformed once and in each step,
 * and from it on, and on GPUs.
 */
const WINOGRAD_CHANNELS4 = { old: 16, oldTraining: 32, new: 8, gpu: 16 };
/** On lavapipe below that LLVM, of fewer tiles of 4×4 pixels Winograd's weights alone cost more than it saves. */
const WINOGRAD_TILES = 16;
/** From so many tiles of 128 pixels on the larger tile leaves no multiprocessor of a large GPU idle. */
const LARGE_TILES = 512;

/**
 * The version that `auto` stands for. On software adapters this is measured, on others it is reasoned: docs/KERNELS.md has the figures
 * and the reasons.
 */
export function autoVariant(adapter: AdapterSummary, layer: ConvLayer, role: ConvRole): SettledVariant {
  if (adapter.software) {
    // Of software adapters other than lavapipe nothing is known but that they compile long kernels slowly.
    if (adapter.llvm === undefined) return "tile8";
    return role === "weight-gradient"
      ? lavapipeWeightGradient(adapter, layer)
      : lavapipePixels(adapter, layer, role);
  }
  const { batch, height, width, stride } = layer;
  if (role === "weight-gradient") return "gemm";
  if (runs("thin", layer, role)) return "thin";
  if (runs("winograd4", layer, role) && narrowest(layer) >= WINOGRAD_CHANNELS4.gpu) return "winograd4";
  return batch * height * width / stride ** 2 / 128 >= LARGE_TILES ? "gemm128" : "gemm";
}

const narrowest = ({ in4, out4 }: ConvLayer) => Math.min(in4, out4);
const winogradTiles = ({ batch, height, width }: ConvLayer) =>
  batch * Math.ceil(height / 4) * Math.ceil(width / 4);

/** Forward pass and input gradient on lavapipe. */
function lavapipePixels(adapter: AdapterSummary, layer: ConvLayer, role: ConvRole): SettledVariant {
  const old = adapter.llvm! < LLVM_OF_TILE8;
  const { batch, height, width } = layer;
  const target4 = role === "input-gradient" ? layer.in4 : layer.out4;
  const subgroups = adapter.subgroup === LANES;
  if (subgroups && runs("winograd4_tile16", layer, role) && winogradPays(layer, old)) {
    return "winograd4_tile16";
  }
  const tiles = batch * Math.ceil(height / 4) * Math.ceil(width / 8);
  if (subgroups && runs("subgroup8x4", layer, role)) {
    // Shared weights want eight tiles for the lanes, shared pixels more outputs than a vec4; and newer LLVMs take long to compile the former.
    const weights = old && (target4 === 1 || tiles >= LANES * CORES);
    return weights ? "subgroup8x4" : "subgroup8x8";
  }
  if (!old) return "tile8";
  // Fewer and larger pieces of work, as long as every core has a few of them.
  const large = tiles * Math.ceil(target4 / 4) >= 2 * LANES * CORES && runs("tile8x4x16", layer, role);
  return large ? "tile8x4x16" : "tile8x4";
}

function winogradPays(layer: ConvLayer, old: boolean): boolean {
  const channels4 = narrowest(layer);
  if (!old) return channels4 >= WINOGRAD_CHANNELS4.new;
  const least = WINOGRAD_CHANNELS4[layer.training ? "oldTraining" : "old"];
  return channels4 >= least && winogradTiles(layer) >= WINOGRAD_TILES;
}

function lavapipeWeightGradient({ llvm, subgroup }: AdapterSummary, layer: ConvLayer): SettledVariant {
  if (subgroup === LANES && layer.out4 > 2 && runs("subgroup8x4", layer, "weight-gradient")) {
    return "subgroup8x4";
  }
  return llvm! < LLVM_OF_TILE8 ? "tile8x4" : "tile8";
}

/** WebGPU's guaranteed size of a storage binding. */
const STORAGE_BYTES = 2 ** 27;

/** Bytes of weights that Winograd has transformed: (tile + 2)² values for each pair of channels, of which a kernel binds all at once. */
function winogradBytes(variant: SettledVariant, { in4, out4 }: ConvLayer): number {
  const tile = variant === "winograd2" ? 2 : 4;
  return (tile + 2) ** 2 * 4 * in4 * 4 * out4 * 4;
}

/** Whether a version can run a layer in a role. */
export function runs(variant: SettledVariant, layer: ConvLayer, role: ConvRole): boolean {
  if (variant === "naive" || variant === "gemm" || variant === "gemm128") return true;
  if (variant === "gemm_f16" || variant === "gemm128_f16") return role === "forward" && layer.half === true;
  if (layer.kernel !== 3 || layer.stride !== 1) return false;
  if (variant === "thin") {
    return role !== "weight-gradient" && (layer.out4 === 1 || role === "forward" && layer.in4 <= 2);
  }
  if (variant.startsWith("winograd") && winogradBytes(variant, layer) > STORAGE_BYTES) return false;
  if (role === "weight-gradient") return variant !== "winograd2";
  // Of sixteen outputs none but a last vec4 may be in vain; of joined inputs it is seen input by input.
  if (variant === "tile8x4x16" && role === "forward" && !fillsSixteen(layer.out4)) return false;
  // The tiles take their weights from a uniform binding, which holds at least one block of outputs, or on processors of a part of the inputs.
  return variant.startsWith("winograd") || variant.startsWith("subgroup") ||
    blockVec4s(role === "forward" ? layer.in4 : layer.out4) * 16 <= UNIFORM_BYTES;
}

/** Whether an adapter has the subgroups of eight lanes that a version needs in a role. */
export function offers({ subgroup }: AdapterSummary, variant: SettledVariant, role: ConvRole): boolean {
  const needed = variant.startsWith("subgroup") ||
    variant === "winograd4_tile16" && role !== "weight-gradient";
  return !needed || subgroup === LANES;
}

/** The version that runs: the wanted one, `auto` settled; where that one cannot, the one of its family that can run all. */
export function settledVariant(
  wanted: ConvVariant,
  adapter: AdapterSummary,
  layer: ConvLayer,
  role: ConvRole,
): SettledVariant {
  const variant = wanted === "auto" ? autoVariant(adapter, layer, role) : wanted;
  if (runs(variant, layer, role) && offers(adapter, variant, role)) return variant;
  if (variant === "gemm128_f16") return "gemm128";
  if (variant === "tile8x4x16" && runs("tile8x4", layer, role)) return "tile8x4";
  if ((variant === "winograd4_tile16" || variant.startsWith("subgroup")) && runs("tile8", layer, role)) {
    return "tile8";
  }
  const byProducts: readonly SettledVariant[] = ["winograd2", "winograd4", "thin", "gemm_f16"];
  return byProducts.includes(variant) ? "gemm" : "naive";
}

/** The versions that run a layer in a role and differ there: what a tuner has to measure. */
export function variantCandidates(
  adapter: AdapterSummary,
  layer: ConvLayer,
  role: ConvRole,
): SettledVariant[] {
  // All tiles have the same weight gradient, and both products; subgroups share weights in the very tile that takes longer without.
  const same: readonly ConvVariant[] = role === "weight-gradient"
    ? ["tile8x4", "tile8x4x16", "subgroup8x8", "gemm128"]
    : offers(adapter, "subgroup8x4", role)
    ? ["tile8x4", "tile8x4x16"]
    : [];
  return CONV_VARIANTS.filter((variant): variant is SettledVariant =>
    variant !== "auto" && runs(variant, layer, role) && offers(adapter, variant, role) &&
    !same.includes(variant)
  );
}
