/** Convolution k×k, 'same', stride 1 or 2, over one or two joined inputs, with bias and activation fused. */
import { GpuError } from "../gpu/errors.ts";
import type { Recorder } from "../gpu/recorder.ts";
import type { Tensor, TensorRange } from "../gpu/tensor.ts";
import { formatShape, paddedChannels, stridedExtent } from "../tensor/shape.ts";
import { type Activation, activationCode, markActivated, slopeOf } from "./activation.ts";
import {
  biasGrad,
  inputGradNaive,
  naive,
  pack,
  tile8,
  tile8x4,
  weightGradNaive,
  weightGradRows,
} from "./conv2d_kernels.ts";
import type { ParameterSet } from "./parameter.ts";
import { slicesOf, sumSlices } from "./reduce.ts";
import { upsampleGradient } from "./upsample.ts";

/** An input of a convolution: a tensor, or one that is read as if it were upsampled 2× (nearest) first. */
export type ConvSource = Tensor | { readonly upsampled: Tensor };

export interface Conv2dOptions {
  readonly name: string;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly outChannels: number;
  readonly activation: Activation;
}

/**
 * Which kernels run a 3×3 convolution of stride 1: `naive` are the readable ones, `tile8` and `tile8x4` the tuned ones with a tile of
 * 8 pixels and of 8×4. `auto` picks for the adapter: the large tile where loads are dearest (lavapipe on an older LLVM).
 */
export const CONV_VARIANTS = ["auto", "naive", "tile8", "tile8x4"] as const;
export type ConvVariant = typeof CONV_VARIANTS[number];

/** From this LLVM on lavapipe runs the small tile a little faster, and compiles it in a tenth of the time (docs/KERNELS.md). */
const LLVM_OF_TILE8 = 19;
/** WebGPU's guaranteed size of a uniform binding. */
const UNIFORM_BYTES = 65536;
/** Enough invocations to keep every core or multiprocessor busy while a weight gradient is summed. */
const WEIGHT_GRAD_INVOCATIONS = 2048;

const tensorOf = (source: ConvSource): Tensor => "upsampled" in source ? source.upsampled : source;
const shiftOf = (source: ConvSource): number => "upsampled" in source ? 1 : 0;
const vec4Channels = (tensor: Tensor): number => paddedChannels(tensor.shape[3]) / 4;

/** Height and width at which a source is read. */
function extentOf(source: ConvSource): readonly [number, number] {
  const { shape } = tensorOf(source);
  const factor = 1 << shiftOf(source);
  return [shape[1] * factor, shape[2] * factor];
}

/** Output shape of the convolution. @throws {GpuError} naming tensor and both shapes where they do not fit. */
export function conv2dShape(
  sources: readonly ConvSource[],
  { name, stride, outChannels }: Conv2dOptions,
): readonly number[] {
  if (sources.length < 1 || sources.length > 2) {
    throw new GpuError(`Cannot record conv2d "${name}": it reads one or two inputs, got ${sources.length}`);
  }
  const [height, width] = extentOf(sources[0]);
  const batch = tensorOf(sources[0]).shape[0];
  for (const source of sources) {
    const [h, w] = extentOf(source);
    const { shape } = tensorOf(source);
    if (shape.length !== 4 || h !== height || w !== width || shape[0] !== batch) {
      throw new GpuError(
        `Cannot record conv2d "${name}": its inputs are ${formatShape(tensorOf(sources[0]).shape)} and ${
          formatShape(shape)
        }`,
      );
    }
  }
  if (sources.length === 2 && shiftOf(sources[1])) {
    throw new GpuError(`Cannot record conv2d "${name}": only its first input can be upsampled on the way`);
  }
  return [batch, stridedExtent(height, stride), stridedExtent(width, stride), outChannels];
}

/**
 * y = activate(bias + Σ x·w): x are the sources joined along the channels, the weight is `NAME.weight` [k,k,in,out] and the bias
 * `NAME.bias` [out] of `parameters`. Records the gradients of every source but those in `constants` (the image, say).
 */
export function conv2d(
  rec: Recorder,
  sources: readonly ConvSource[],
  parameters: ParameterSet,
  options: Conv2dOptions,
  { variant = "auto", withoutGradient = new Set<Tensor>() }: {
    variant?: ConvVariant;
    withoutGradient?: ReadonlySet<Tensor>;
  } = {},
): Tensor {
  const { name, kernel, stride, activation } = options;
  const shape = conv2dShape(sources, options);
  checkWeight(sources, parameters, options);
  const y = rec.tensor(shape, name);
  markActivated(y, activation);
  const weight = parameters.range(rec, `${name}.weight`);
  const bias = parameters.range(rec, `${name}.bias`);
  const { llvm = Infinity } = parameters.adapter;
  const chosen = variant === "auto" ? llvm < LLVM_OF_TILE8 ? "tile8x4" : "tile8" : variant;
  const conv: Conv = {
    rec,
    sources,
    options,
    y,
    weight,
    bias,
    tall: chosen === "tile8x4",
    ...geometry(sources, y),
  };
  const tuned = variant !== "naive" && kernel === 3 && stride === 1;
  const tiled = (in4: number) => tuned && blockVec4s(in4) * 16 <= UNIFORM_BYTES;

  rec.within(name, () => {
    if (tiled(conv.in4)) {
      const last = sources.length - 1;
      runTiled(conv, {
        ...{ sources, target: y, activated: tensorOf(sources[0]), first4: 0, accumulate: false },
        modes: sources.map((_, i) => i === 0 ? MODE_FORWARD : MODE_FORWARD_ADDED),
        activations: sources.map((_, i) => i === last ? activationCode(activation) : 0),
      });
    } else runNaive(conv);

    rec.gradient(y, (dy) => {
      weightGradient(conv, dy, parameters, tuned);
      let first4 = 0;
      for (const source of sources) {
        const x = tensorOf(source);
        if (!withoutGradient.has(x)) inputGradient(conv, dy, source, first4, tiled(conv.out4));
        first4 += vec4Channels(x);
      }
    });
  });
  return y;
}

interface Conv {
  readonly rec: Recorder;
  readonly sources: readonly ConvSource[];
  readonly options: Conv2dOptions;
  readonly y: Tensor;
  readonly weight: TensorRange;
  readonly bias: TensorRange;
  /** Whether tiles are four rows high. */
  readonly tall: boolean;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly out_height: number;
  readonly out_width: number;
  readonly in4: number;
  readonly out4: number;
}

function geometry(sources: readonly ConvSource[], y: Tensor) {
  const [height, width] = extentOf(sources[0]);
  return {
    ...{ batch: y.shape[0], height, width, out_height: y.shape[1], out_width: y.shape[2] },
    in4: sources.reduce((sum, source) => sum + vec4Channels(tensorOf(source)), 0),
    out4: vec4Channels(y),
  };
}

function checkWeight(
  sources: readonly ConvSource[],
  parameters: ParameterSet,
  { name, kernel, outChannels }: Conv2dOptions,
): void {
  const channels = sources.map((source) => tensorOf(source).shape[3]);
  const spec = parameters.specs.find((candidate) => candidate.name === `${name}.weight`);
  const wanted = [kernel, kernel, channels.reduce((sum, c) => sum + c, 0), outChannels];
  if (
    !spec || spec.shape.join() !== wanted.join() || (spec.sources ?? [wanted[2]]).join() !== channels.join()
  ) {
    throw new GpuError(
      `Cannot record conv2d "${name}": input has ${channels.join(" + ")} channels, so the weight is ${
        formatShape(wanted)
      }; ` +
        `got ${spec ? formatShape(spec.shape) : "none"}`,
    );
  }
}

/** Multiply-adds of the whole convolution, twice. */
function flopsOf({ batch, out_height, out_width, options, sources }: Conv, channels?: number): number {
  const inputs = channels ?? sources.reduce((sum, source) => sum + tensorOf(source).shape[3], 0);
  return 2 * batch * out_height * out_width * options.kernel ** 2 * inputs * options.outChannels;
}

function runNaive(conv: Conv): void {
  const { rec, sources, options, y, weight, bias } = conv;
  const [a, b = a] = sources.map(tensorOf);
  rec.dispatch(naive, { a, b, w: weight, bias, y }, {
    params: {
      ...pick(conv, ["batch", "height", "width", "out_height", "out_width", "out4"]),
      ...{ a4: vec4Channels(a), b4: sources[1] ? vec4Channels(b) : 0, a_shift: shiftOf(sources[0]) },
      ...{ kernel: options.kernel, stride: options.stride },
    },
    constants: { ACTIVATION: activationCode(options.activation) },
    invocations: conv.batch * conv.out_height * conv.out_width * conv.out4,
    flops: flopsOf(conv),
  });
}

type Extent = "batch" | "height" | "width" | "out_height" | "out_width" | "in4" | "out4";

function pick<K extends Extent>(from: Readonly<Record<K, number>>, keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Record<K, number>;
}

/** vec4s of a block of eight outputs: 9 taps × in × 2, and 2 of bias, up to the alignment of a binding's offset (256 bytes). */
function blockVec4s(in4: number): number {
  return Math.ceil((72 * in4 + 2) / 16) * 16;
}

/** Modes of conv2d_tile. */
const MODE_INPUT_GRADIENT = 0;
const MODE_FORWARD = 1;
const MODE_FORWARD_ADDED = 2;

interface TiledRun {
  /** Inputs, joined: of the convolution, or dy alone for an input gradient. Each is a run of its own, with its own mode and activation. */
  readonly sources: readonly ConvSource[];
  readonly modes: readonly number[];
  readonly activations: readonly number[];
  readonly activated: Tensor;
  readonly target: Tensor;
  /** First input channel, in vec4s, whose gradient is written. */
  readonly first4: number;
  readonly accumulate: boolean;
}

/** Packs the weights and runs conv2d_tile8 or conv2d_tile8x4 over as many blocks of outputs at a time as a uniform binding holds. */
function runTiled(conv: Conv, run: TiledRun): void {
  const { rec, batch, height, width, in4, out4 } = conv;
  const target4 = vec4Channels(run.target);
  const source4 = run.sources.reduce((sum, source) => sum + vec4Channels(tensorOf(source)), 0);
  const block = blockVec4s(source4);
  const blocks = Math.ceil(target4 / 2);
  const once = !rec.training;
  const most = Math.floor(UNIFORM_BYTES / (block * 16));
  // The kernel declares a whole 64 KiB of weights, so that one pipeline serves all layers: room for that behind the last slice.
  const lastSlice = Math.floor((blocks - 1) / most) * most * block * 16;
  const packed = rec.tensor([(lastSlice + UNIFORM_BYTES) / 4], `${conv.options.name}.packed`, {
    layout: "flat",
    lifetime: once ? "persistent" : "planned",
  });
  rec.dispatch(pack, { weight: conv.weight, bias: conv.bias, packed }, {
    params: { in4, out4, source4, target4, first4: run.first4, block_vec4s: block, count: blocks * block },
    constants: { FORWARD: Number(run.modes[0] !== MODE_INPUT_GRADIENT) },
    invocations: blocks * block,
    once,
  });
  let first4 = 0;
  run.sources.forEach((source, i) => {
    const x = tensorOf(source);
    const x4 = vec4Channels(x);
    for (let first = 0; first < blocks; first += most) {
      const count = Math.min(most, blocks - first);
      rec.dispatch(conv.tall ? tile8x4 : tile8, {
        ...{ x, w: { tensor: packed, offset: first * block * 16, size: UNIFORM_BYTES } },
        ...{ activated: run.activated, y: run.target },
      }, {
        params: {
          ...{ batch, height, width, x4, first4, in4: source4, shift: shiftOf(source), out4: target4 },
          ...{ first_block: first, block_vec4s: block, accumulate: Number(run.accumulate) },
          activation: run.activations[i],
        },
        constants: { MODE: run.modes[i] },
        invocations: batch * Math.ceil(height / (conv.tall ? 4 : 1)) * Math.ceil(width / 8),
        groups: count,
        flops: 2 * 9 * batch * height * width * x4 * 4 * Math.min(count * 8, (target4 - first * 2) * 4),
      });
    }
    first4 += x4;
  });
}

function inputGradient(conv: Conv, dy: Tensor, source: ConvSource, first4: number, tiled: boolean): void {
  const { rec, options } = conv;
  const x = tensorOf(source);
  const upsampled = "upsampled" in source;
  // The gradient of an input that is upsampled on the way is computed at full size first and then folded.
  const full = upsampled
    ? rec.tensor([conv.batch, conv.height, conv.width, x.shape[3]], `d(${x.name} upsampled)`)
    : undefined;
  const { gradient, accumulate } = full ? { gradient: full, accumulate: false } : rec.gradientOf(x);
  const { activated, constants } = full ? { activated: dy, constants: { ACTIVATION: 0 } } : slopeOf(x, dy);
  if (tiled) {
    runTiled(conv, {
      ...{ sources: [dy], modes: [MODE_INPUT_GRADIENT], activations: [constants.ACTIVATION] },
      ...{ activated, target: gradient, first4, accumulate },
    });
  } else {
    rec.dispatch(inputGradNaive, { dy, w: conv.weight, activated, dx: gradient }, {
      params: {
        ...pick(conv, ["batch", "height", "width", "out_height", "out_width", "in4", "out4"]),
        ...{
          target4: vec4Channels(x),
          first4,
          kernel: options.kernel,
          stride: options.stride,
          accumulate: Number(accumulate),
        },
      },
      constants,
      invocations: conv.batch * conv.height * conv.width * vec4Channels(x),
      flops: flopsOf(conv, x.shape[3]),
    });
  }
  if (full) upsampleGradient(rec, full, x, "nearest");
}

/** Invocations of conv2d_weight_grad_rows a slice: 8 inputs by 8 outputs by one row of taps each. */
function rowBlocks(in4: number, out4: number): number {
  return 3 * Math.ceil(in4 / 2) * Math.ceil(out4 / 2);
}

function weightGradient(conv: Conv, dy: Tensor, parameters: ParameterSet, byRows: boolean): void {
  const { rec, options, in4, out4 } = conv;
  const taps = options.kernel ** 2;
  const { slices, each: rows } = slicesOf(
    conv.batch * conv.out_height,
    Math.ceil(WEIGHT_GRAD_INVOCATIONS / (byRows ? rowBlocks(in4, out4) : in4 * out4 * taps)),
  );
  const partials = rec.tensor([slices, taps, in4 * 4, out4 * 4], `${options.name}.weight partials`, {
    layout: "flat",
  });
  let first4 = 0;
  for (const source of conv.sources) {
    const x = tensorOf(source);
    const own4 = vec4Channels(x);
    const common = { out4, shift: shiftOf(source), in4: own4, first4, total4: in4, slices, rows };
    const flops = flopsOf(conv, x.shape[3]);
    if (byRows) {
      rec.dispatch(weightGradRows, { x, dy, partials }, {
        params: { ...pick(conv, ["batch", "height", "width"]), ...common },
        invocations: rowBlocks(own4, out4) * slices,
        flops,
      });
    } else {
      rec.dispatch(weightGradNaive, { x, dy, partials }, {
        params: {
          ...pick(conv, ["batch", "height", "width", "out_height", "out_width"]),
          ...common,
          ...{ kernel: options.kernel, stride: options.stride },
        },
        invocations: taps * own4 * out4 * slices,
        flops,
      });
    }
    first4 += own4;
  }
  sumSlices(rec, partials, parameters.range(rec, `${options.name}.weight`, "gradients"), slices);

  const pixels = conv.batch * conv.out_height * conv.out_width;
  const bias = slicesOf(pixels, Math.ceil(256 / out4));
  const biasPartials = rec.tensor([bias.slices, out4 * 4], `${options.name}.bias partials`, {
    layout: "flat",
  });
  rec.dispatch(biasGrad, { dy, partials: biasPartials }, {
    params: { pixels, out4, slices: bias.slices, slice_pixels: bias.each },
    invocations: out4 * bias.slices,
  });
  sumSlices(rec, biasPartials, parameters.range(rec, `${options.name}.bias`, "gradients"), bias.slices);
}
