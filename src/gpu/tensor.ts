/** What a plan is recorded over: tensors that have a shape and a lifetime, and no memory yet. */
import { paddedChannels, sizeOf } from "../tensor/shape.ts";

/** `planned`: memory shared with tensors that live at other times. `persistent`: its own memory, kept from run to run. */
export type Lifetime = "planned" | "persistent";

/** How the elements of a tensor lie in memory; kernels that take f16 sum up in f32. */
export type ElementType = "f32" | "f16";

/** Bytes of an element. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = { f32: 4, f16: 2 };

/** A tensor of f32 or f16 (or, flat, of u32) on the GPU. */
export interface Tensor {
  readonly id: number;
  readonly name: string;
  /** Extents as the mathematics has them. */
  readonly shape: readonly number[];
  /** `image`: NHWC with the channels padded to a multiple of four with zeros; `flat`: as the shape says. */
  readonly layout: "image" | "flat";
  /** Flat tensors that plans make are f32 (or u32). */
  readonly type: ElementType;
  readonly lifetime: Lifetime;
  /** For WebGPU's alignment, sub-ranges and uniform bindings of a persistent tensor. */
  readonly bytes: number;
  /** The buffer, where it exists before the plan (parameters, optimiser state). */
  readonly external?: GPUBuffer;
}

/** A range of a tensor, in bytes; offsets are multiples of 256. */
export interface TensorRange {
  readonly tensor: Tensor;
  readonly offset: number;
  readonly size: number;
}

/** Bytes that a tensor of this shape takes. */
export function tensorBytes(
  shape: readonly number[],
  layout: Tensor["layout"],
  type: ElementType = "f32",
): number {
  if (layout === "flat") return sizeOf(shape) * ELEMENT_BYTES[type];
  return sizeOf(shape.slice(0, -1)) * paddedChannels(shape[shape.length - 1]) * ELEMENT_BYTES[type];
}

/** Spreads rows of `channels` values to rows of `paddedChannels(channels)`, the surplus zero. */
export function padChannels(values: Float32Array, channels: number, into?: Float32Array): Float32Array {
  const padded = paddedChannels(channels);
  if (padded === channels) {
    into?.set(values);
    return into ?? values;
  }
  const rows = values.length / channels;
  const result = into ?? new Float32Array(rows * padded);
  for (let row = 0, from = 0, to = 0; row < rows; row++, to += padded - channels) {
    for (let c = 0; c < channels; c++) result[to++] = values[from++];
  }
  return result;
}

/** The inverse of `padChannels`. */
export function unpadChannels(values: Float32Array, channels: number): Float32Array {
  const padded = paddedChannels(channels);
  if (padded === channels) return values;
  const rows = values.length / padded;
  const result = new Float32Array(rows * channels);
  for (let row = 0, from = 0, to = 0; row < rows; row++, from += padded - channels) {
    for (let c = 0; c < channels; c++) result[to++] = values[from++];
  }
  return result;
}
