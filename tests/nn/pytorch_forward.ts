/**
 * What docs/pytorch_unet.py computes, with PyTorch's operations written out over its layouts ([C,H,W] pictures, [out,in,ky,kx]
 * weights) in float64: tells whether an exported file means there what it means here.
 */
import type { StoredTensor } from "../../src/nn/safetensors.ts";
import type { UNetTopology } from "../../src/nn/topology.ts";

interface Planes {
  readonly data: Float64Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** The module's `forward` for one picture. */
export function pytorchForward(
  topology: UNetTopology,
  state: ReadonlyMap<string, StoredTensor>,
  image: Planes,
): Planes {
  const { widths, encoderBlocks, decoderBlocks, activation, down, up, residual, residualBlocks } = topology;
  const conv = (x: Planes, name: string, stride = 1) =>
    conv2d(x, state.get(`${name}.weight`)!, state.get(`${name}.bias`)!, stride);
  const slope = activation === "none" ? 1 : activation === "relu" ? 0 : 0.1;
  const act = (x: Planes): Planes => ({
    ...x,
    data: x.data.map((value) => value < 0 ? slope * value : value),
  });
  const scale = (x: Planes, name: string, blocks: number): Planes => {
    x = act(conv(x, `${name}.0`));
    for (let block = 1; block < blocks; block++) {
      const y = act(conv(x, `${name}.${block}`));
      x = residualBlocks ? plus(x, y) : y;
    }
    return x;
  };
  const { scale: enlargement } = topology;
  const skips: Planes[] = [];
  const holes = goodMask(image, true);
  const filled = topology.filled ? fill(image, holes) : image;
  const seen = topology.filled ? [image, filled] : [image];
  let x = seen.map((picture) => unshuffled(picture, topology.unshuffle)).reduce(concat);
  for (let i = 0; i < widths.length; i++) {
    if (i > 0) {
      skips.push(x);
      x = down === "stride" ? act(conv(x, `down${i}`, 2)) : maxPool(x);
    }
    x = scale(x, `enc${i}`, encoderBlocks[i]);
  }
  for (let i = widths.length - 2; i >= 0; i--) {
    x = scale(concat(up === "nearest" ? nearest(x) : bilinear(x), skips[i]), `dec${i}`, decoderBlocks[i]);
  }
  x = shuffled(conv(x, "out"), enlargement * topology.unshuffle);
  let base = image;
  for (let size = 2; size <= enlargement; size *= 2) base = bilinear(base);
  if (topology.corrects !== "all") {
    const good = goodMask(image, topology.corrects === "holes");
    return { ...x, data: filled.data.map((value, i) => value + (1 - good[i]) * x.data[i]) };
  }
  return residual ? plus(base, x) : x;
}

/** The module's `good`, broadcast over the channels. */
function goodMask({ data, channels, height, width }: Planes, whole: boolean): Float64Array {
  return data.map((value, i) => {
    const pixel = i % (height * width);
    const values = whole
      ? Array.from({ length: channels }, (_, c) => data[c * height * width + pixel])
      : [value];
    return Number(Math.max(...values) > 0 && Math.min(...values) < 1);
  });
}

/** The module's `fill`: a depthwise `conv2d` of the good values over one of their mask, with weights distance^-6. */
function fill(image: Planes, good: Float64Array): Planes {
  const masked = { ...image, data: image.data.map((value, i) => value * good[i]) };
  const mask = { ...image, data: good };
  const around = (x: Planes, c: number, y: number, u: number) => {
    let sum = 0;
    for (let dy = -3; dy <= 3; dy++) {
      for (let dx = -3; dx <= 3; dx++) {
        const [v, w] = [y + dy, u + dx];
        const squared = dy ** 2 + dx ** 2;
        if (squared === 0 || v < 0 || w < 0 || v >= x.height || w >= x.width) continue;
        sum += x.data[(c * x.height + v) * x.width + w] / squared ** 3;
      }
    }
    return sum;
  };
  return mapped(image, image.height, image.width, (c, y, u) => {
    const i = (c * image.height + y) * image.width + u;
    const total = around(mask, c, y, u);
    return good[i] === 0 && total > 0 ? around(masked, c, y, u) / total : image.data[i];
  });
}

/** `torch.nn.functional.conv2d(x, weight, bias, stride, padding=kernel // 2)`. */
function conv2d(x: Planes, weight: StoredTensor, bias: StoredTensor, stride: number): Planes {
  const [outputs, inputs, rows, columns] = weight.shape;
  const [pad, height, width] = [rows >> 1, Math.ceil(x.height / stride), Math.ceil(x.width / stride)];
  const data = new Float64Array(outputs * height * width);
  for (let o = 0, to = 0; o < outputs; o++) {
    for (let y = 0; y < height; y++) {
      for (let column = 0; column < width; column++) {
        let sum = bias.data[o];
        for (let i = 0; i < inputs; i++) {
          for (let ky = 0; ky < rows; ky++) {
            for (let kx = 0; kx < columns; kx++) {
              const [v, u] = [y * stride + ky - pad, column * stride + kx - pad];
              if (v < 0 || u < 0 || v >= x.height || u >= x.width) continue;
              sum += weight.data[((o * inputs + i) * rows + ky) * columns + kx] *
                x.data[(i * x.height + v) * x.width + u];
            }
          }
        }
        data[to++] = sum;
      }
    }
  }
  return { data, channels: outputs, height, width };
}

/** A picture of another size, each value from the old one's channel and the new place. */
function mapped(
  x: Planes,
  height: number,
  width: number,
  value: (channel: number, y: number, column: number) => number,
) {
  const data = Float64Array.from(
    { length: x.channels * height * width },
    (_, i) => value(Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width),
  );
  return { data, channels: x.channels, height, width };
}

const at = (x: Planes, channel: number, y: number, column: number) =>
  x.data[
    (channel * x.height + Math.min(Math.max(y, 0), x.height - 1)) * x.width +
    Math.min(Math.max(column, 0), x.width - 1)
  ];

/** `max_pool2d(x, 2)` of even extents. */
const maxPool = (x: Planes): Planes =>
  mapped(
    x,
    x.height / 2,
    x.width / 2,
    (c, y, u) => Math.max(...[0, 1].flatMap((dy) => [0, 1].map((dx) => at(x, c, 2 * y + dy, 2 * u + dx)))),
  );

/** `interpolate(x, scale_factor=2)`. */
const nearest = (x: Planes): Planes =>
  mapped(x, 2 * x.height, 2 * x.width, (c, y, u) => at(x, c, y >> 1, u >> 1));

/** `interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)`. */
const bilinear = (x: Planes): Planes =>
  mapped(x, 2 * x.height, 2 * x.width, (c, y, u) => {
    const [v, w] = [(y + 0.5) / 2 - 0.5, (u + 0.5) / 2 - 0.5];
    const [top, left] = [Math.floor(v), Math.floor(w)];
    const row = (line: number) =>
      (1 - (w - left)) * at(x, c, line, left) + (w - left) * at(x, c, line, left + 1);
    return (1 - (v - top)) * row(top) + (v - top) * row(top + 1);
  });

/** `x.view(n, r, r, c, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c, r * h, r * w)`. */
function shuffled(x: Planes, r: number): Planes {
  const channels = x.channels / r ** 2;
  const value = (c: number, y: number, u: number) =>
    at(x, ((y % r) * r + u % r) * channels + c, Math.floor(y / r), Math.floor(u / r));
  return mapped({ ...x, channels }, r * x.height, r * x.width, value);
}

/** `x.view(n, c, h, r, w, r).permute(0, 3, 5, 1, 2, 4).reshape(n, r * r * c, h, w)`. */
function unshuffled(x: Planes, r: number): Planes {
  const value = (k: number, y: number, u: number) => {
    const place = Math.floor(k / x.channels);
    return at(x, k % x.channels, y * r + Math.floor(place / r), u * r + place % r);
  };
  return mapped({ ...x, channels: x.channels * r ** 2 }, x.height / r, x.width / r, value);
}

/** `torch.cat([a, b], 1)`. */
const concat = (a: Planes, b: Planes): Planes => ({
  ...a,
  data: Float64Array.of(...a.data, ...b.data),
  channels: a.channels + b.channels,
});

const plus = (a: Planes, b: Planes): Planes => ({ ...a, data: a.data.map((value, i) => value + b.data[i]) });
