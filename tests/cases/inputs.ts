/** Seeded values that every side of a comparison starts from: float32 numbers, so that none has to round its inputs. */
import { Random } from "../../src/base/random.ts";
import { type Shape4, sizeOf } from "../../src/tensor/shape.ts";
import { type Tensor64, tensor64 } from "../../src/reference/tensor64.ts";

/** Normal values (mean 0, deviation `scale`), exact in float32. */
export function normalValues(size: number, seed: number, scale = 1): Float32Array {
  const random = new Random(size, seed);
  return Float32Array.from({ length: size }, () => random.normal() * scale);
}

/** Uniform values in [0, 1), exact in float32: pixels. */
export function pixelValues(size: number, seed: number): Float32Array {
  const random = new Random(size, seed, 1);
  return Float32Array.from({ length: size }, () => random.uniform());
}

/**
 * `pixelValues` with salt-and-pepper noise: about a quarter of the values are exactly 0 or exactly 1, each by itself, and so is a quarter of the pixels
 * of `channels` values, as a whole.
 */
export function impulseValues(size: number, seed: number, channels: number): Float32Array {
  const random = new Random(size, seed, 2);
  const impulse = (value: number) => {
    const lot = random.uniform();
    return lot < 0.125 ? 0 : lot < 0.25 ? 1 : value;
  };
  const pixels = Float32Array.from({ length: size / channels }, () => impulse(0.5));
  return pixelValues(size, seed).map((value, i) => {
    const pixel = pixels[Math.floor(i / channels)];
    return pixel === 0.5 ? impulse(value) : pixel;
  });
}

/** A float64 tensor of `impulseValues`. */
export function impulseTensor(shape: Shape4, seed: number): Tensor64 {
  return tensor64(shape, impulseValues(sizeOf(shape), seed, shape[3]));
}

/** A float64 tensor of `normalValues`. */
export function normalTensor(shape: Shape4, seed: number, scale = 1): Tensor64 {
  return tensor64(shape, normalValues(sizeOf(shape), seed, scale));
}

/** A float64 tensor of `pixelValues`. */
export function pixelTensor(shape: Shape4, seed: number): Tensor64 {
  return tensor64(shape, pixelValues(sizeOf(shape), seed));
}
