/** The noise of a camera: of the sensor, and as its processing leaves it. */
import type { Random } from "../base/random.ts";
import { gaussianBlur } from "./blur.ts";
import { bayerChannel, type BayerPhase, type Channel, demosaic, DEMOSAIC_REACH } from "./demosaic.ts";
import { addGaussianNoise } from "./noise.ts";

/** Largest sigmas, in pixels, of the blurs that stand for a camera's own noise filter: of brightness, and how much more of colour. */
const [LUMA_BLUR, MORE_CHROMA_BLUR] = [0.8, 1.5];

/** How far the pixels lie that camera noise at a pixel depends on. */
export const CAMERA_REACH = DEMOSAIC_REACH + Math.ceil(3 * (LUMA_BLUR + MORE_CHROMA_BLUR));

/** Where a camera's noise is as strong as its strength says: the middle of the sRGB scale, 0..1. */
const MIDDLE = 128 / 255;

/** Weights of red, green and blue. */
type Row = readonly [number, number, number];

/** What becomes of the sensor's noise in one camera, at one setting. */
interface Camera {
  readonly phase: BayerPhase;
  /** White balance: what red, green and blue are multiplied by. */
  readonly gains: readonly [number, number, number];
  /** From the sensor's colours to sRGB's, by rows; each row's sum is 1. */
  readonly matrix: readonly [Row, Row, Row];
  /** Share of {@link demosaic}'s correction. */
  readonly correction: number;
  /** Share of green's variance at mid-grey that does not depend on light; the rest grows in proportion to it. */
  readonly readShare: number;
  /** Sigmas of the blurs of brightness and of colour, pixels. */
  readonly lumaBlur: number;
  readonly chromaBlur: number;
  /** How much of an S the tone curve is, 0..1: {@link toEncoded}. */
  readonly contrast: number;
  /** The light that comes out as mid-grey. */
  readonly middle: number;
}

function drawCamera(random: Random): Camera {
  const phase: BayerPhase = { x: random.uniform() < 0.5 ? 0 : 1, y: random.uniform() < 0.5 ? 0 : 1 };
  const gains = [random.between(1.2, 2.4), 1, random.between(1.2, 2.2)] as const;
  const t = random.uniform();
  // How cameras mostly separate colours; the sensors' own filters overlap.
  const rowOf = (weights: Row, own: Channel) =>
    weights.map((v, j) => t * v + (1 - t) * (j === own ? 1 : 0)) as [number, number, number];
  const matrix = [
    rowOf([1.7, -0.5, -0.2], 0),
    rowOf([-0.25, 1.55, -0.3], 1),
    rowOf([0, -0.55, 1.55], 2),
  ] as const;
  // Mostly small: at the sensitivities of which photos are noisy, photons are most of it.
  const [correction, readShare] = [random.uniform(), 0.3 * random.uniform() ** 2];
  const lumaBlur = random.between(0, LUMA_BLUR);
  const chromaBlur = lumaBlur + random.between(0, MORE_CHROMA_BLUR);
  const contrast = random.between(0.2, 0.8);
  return {
    phase,
    gains,
    matrix,
    correction,
    readShare,
    lumaBlur,
    chromaBlur,
    contrast,
    middle: toLinear(MIDDLE, contrast),
  };
}

/**
 * Adds noise as a camera leaves it: on the sensor it grows with light (photons) over a floor (reading out) and each pixel has one colour; white balance,
 * demosaicing, the step to sRGB's colours, a blur that is stronger in colour than in brightness, and the tone curve shape it. Thus it is
 * coarse, coloured or nearly grey, and strongest in the dark. The model is that of Foi et al. 2008 (signal-dependent noise of raw data) brought through a
 * camera's processing, as in Guo et al. 2019 (CBDNet) and Brooks et al. 2019 (unprocessing). Only the noise is processed: the photo itself stays as it is.
 * @param values height·width·3 samples, sRGB-encoded, 0..255, changed in place; they come back within 0..255.
 * @param sigma the noise's standard deviation on a flat mid-grey, of 255, over all channels.
 */
export function addCameraNoise(
  values: Float32Array,
  width: number,
  height: number,
  sigma: number,
  random: Random,
): void {
  if (sigma === 0) return;
  const camera = drawCamera(random);
  const { contrast, middle } = camera;
  const linear = values.map((v) => toLinear(Math.min(Math.max(v / 255, 0), 1), contrast));
  const mosaic = new Float32Array(width * height);
  addGaussianNoise(mosaic, 1, random);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const channel = bayerChannel(x, y, camera.phase);
      mosaic[i] *= deviation(linear[i * 3 + channel], camera.gains[channel], camera);
    }
  }
  const noise = develop(mosaic, width, height, camera);
  const slope = (toEncoded(middle + 1e-4, contrast) - toEncoded(middle - 1e-4, contrast)) / 2e-4;
  const scale = sigma / 255 / slope / Math.sqrt(variance(camera));
  for (let i = 0; i < values.length; i++) {
    values[i] = 255 * toEncoded(Math.min(Math.max(linear[i] + scale * noise[i], 0), 1), contrast);
  }
}

/** Standard deviation of a white-balanced value of the sensor, where green at mid-grey has 1. */
function deviation(light: number, gain: number, { readShare, middle }: Camera): number {
  return Math.sqrt((1 - readShare) * gain * light / middle + readShare * gain * gain);
}

/** What the camera makes of a white-balanced mosaic of noise: linear light, interleaved. */
function develop(mosaic: Float32Array, width: number, height: number, camera: Camera): Float32Array {
  const chroma = demosaic(mosaic, width, height, camera.phase, camera.correction);
  const luma = new Float32Array(chroma.length);
  const [[rr, rg, rb], [gr, gg, gb], [br, bg, bb]] = camera.matrix;
  for (let i = 0; i < chroma.length; i += 3) {
    const [red, green, blue] = [chroma[i], chroma[i + 1], chroma[i + 2]];
    const r = rr * red + rg * green + rb * blue;
    const g = gr * red + gg * green + gb * blue;
    const b = br * red + bg * green + bb * blue;
    const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    luma.fill(y, i, i + 3);
    chroma[i] = r - y;
    chroma[i + 1] = g - y;
    chroma[i + 2] = b - y;
  }
  gaussianBlur(luma, width, height, camera.lumaBlur);
  gaussianBlur(chroma, width, height, camera.chromaBlur);
  return luma.map((v, i) => v + chroma[i]);
}

/**
 * Variance of developed noise on a flat mid-grey, its mean over channels and places. All of {@link develop} is linear, so that it is the sum of squares of
 * the answers to one value each of the mosaic's four, as large as its deviation.
 */
function variance(camera: Camera): number {
  const side = 2 * (2 * CAMERA_REACH + 2);
  const mosaic = new Float32Array(side * side);
  for (const [dx, dy] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
    const [x, y] = [dx, dy].map((d) => d * side / 2 + CAMERA_REACH + d);
    const gain = camera.gains[bayerChannel(x, y, camera.phase)];
    mosaic[y * side + x] = deviation(camera.middle, gain, camera);
  }
  return develop(mosaic, side, side, camera).reduce((sum, v) => sum + v * v, 0) / (4 * 3);
}

/**
 * From linear light to what the file holds, both 0..1: sRGB's curve (IEC 61966-2-1), then a share of the S of 3v² − 2v³, by which cameras
 * add contrast (Brooks et al. 2019).
 */
function toEncoded(light: number, contrast: number): number {
  const v = light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
  return v + contrast * v * (v * (3 - 2 * v) - 1);
}

/** Its inverse; that of the S by Newton's steps, which need no more than five. */
function toLinear(encoded: number, contrast: number): number {
  let v = encoded;
  for (let i = 0; i < 5; i++) {
    const off = v + contrast * v * (v * (3 - 2 * v) - 1) - encoded;
    v -= off / (1 - contrast + 6 * contrast * v * (1 - v));
  }
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}
