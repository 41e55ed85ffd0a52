/** What a convolution reads and writes: its sources, its extents and the pieces of work that its kernels are given. */
import { GpuError } from "../gpu/errors.ts";
import type { Recorder } from "../gpu/recorder.ts";
import type { Tensor, TensorRange } from "../gpu/tensor.ts";
import { formatShape, paddedChannels, stridedExtent } from "../tensor/shape.ts";
import type { Activation } from "./activation.ts";
import type { ConvLayer } from "./conv2d_variant.ts";
import type { ParameterSet } from "./parameter.ts";

/** An input of a convolution: a tensor, or one that is read as if it were upsampled 2× (nearest) first. */
export type ConvSource = Tensor | { readonly upsampled: Tensor };

export interface Conv2dOptions {
  readonly name: string;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly outChannels: number;
  readonly activation: Activation;
}

/** A convolution that is being recorded. */
export interface Conv extends ConvLayer {
  readonly rec: Recorder;
  readonly sources: readonly ConvSource[];
  readonly options: Conv2dOptions;
  readonly y: Tensor;
  readonly weight: TensorRange;
  readonly bias: TensorRange;
  readonly out_height: number;
  readonly out_width: number;
  /** Whether the processor runs the kernels. */
  readonly software: boolean;
}

/**
 * One run of kernels over pixels. Forward: `sources` are the convolution's, `activation` is applied to `target`, its y, and then `residual`
 * added where there is one.
 * Input gradient: the source is dy, weights are turned by 180° with inputs and outputs exchanged, and `target` is the gradient of
 * the inputs from `first4` (vec4s) on, times the slope of `activation` at `activated`, added to what it holds where `accumulate` is set.
 */
export interface ConvRun {
  readonly role: "forward" | "input-gradient";
  readonly sources: readonly ConvSource[];
  readonly target: Tensor;
  /** Code of the activation. */
  readonly activation: number;
  readonly activated: Tensor;
  readonly first4: number;
  readonly accumulate: boolean;
  /** Forward: added to the activated value, of the target's shape. */
  readonly residual?: Tensor;
}

export const tensorOf = (source: ConvSource): Tensor => "upsampled" in source ? source.upsampled : source;
/** 1 where a source is read as if upsampled: what its coordinates are shifted right by. */
export const shiftOf = (source: ConvSource): number => "upsampled" in source ? 1 : 0;
export const vec4Channels = (tensor: Tensor): number => paddedChannels(tensor.shape[3]) / 4;

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

/** Extents and channels, from the sources and the output. */
export function geometry(sources: readonly ConvSource[], y: Tensor) {
  const [height, width] = extentOf(sources[0]);
  return {
    ...{ batch: y.shape[0], height, width, out_height: y.shape[1], out_width: y.shape[2] },
    in4: sources.reduce((sum, source) => sum + vec4Channels(tensorOf(source)), 0),
    out4: vec4Channels(y),
  };
}

/** Holds the weight of `parameters` to the channels of the sources. @throws {GpuError} where it does not fit. */
export function checkWeight(
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

/** Multiply-adds of the whole convolution, twice; of `channels` inputs alone where they are given. */
export function flopsOf({ batch, out_height, out_width, options, sources }: Conv, channels?: number): number {
  const inputs = channels ?? sources.reduce((sum, source) => sum + tensorOf(source).shape[3], 0);
  return 2 * batch * out_height * out_width * options.kernel ** 2 * inputs * options.outChannels;
}

type Extent = "batch" | "height" | "width" | "out_height" | "out_width" | "in4" | "out4";

/** Those fields alone, as params of a kernel. */
export function pick<K extends Extent>(
  from: Readonly<Record<K, number>>,
  keys: readonly K[],
): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Record<K, number>;
}
