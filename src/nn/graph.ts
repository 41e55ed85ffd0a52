/**
 * The U-Net of a topology as a list of operations in order. One description serves all back ends: the shaders,
 * the ONNX graph for the CPU, the float64 reference and the tfjs twin in the tests.
 */
import type { Extremes } from "../ops/add_at_extremes.ts";
import { type Activation, FILL_RADIUS, type UNetTopology } from "./topology.ts";

/** One operation; values have names, and each is written once. The image goes in as `image`. */
export type UNetNode =
  /** 'same' convolution (zero padding, kernel centred) of its inputs joined along the channels in this order, plus bias and activation.
   * Output (y,x) is centred on input (y·stride, x·stride). */
  | {
    readonly op: "conv2d";
    readonly name: string;
    readonly inputs: readonly string[];
    readonly output: string;
    readonly kernel: 1 | 3;
    readonly stride: 1 | 2;
    /** Channels of each input. */
    readonly inChannels: readonly number[];
    readonly outChannels: number;
    readonly activation: Activation;
  }
  | { readonly op: "maxPool"; readonly input: string; readonly output: string }
  | {
    readonly op: "upsample";
    readonly input: string;
    readonly output: string;
    readonly mode: "nearest" | "bilinear";
  }
  /** [N,H,W,factor²·C] → [N,factor·H,factor·W,C], see src/ops/pixel_shuffle.ts. */
  | { readonly op: "pixelShuffle"; readonly input: string; readonly output: string; readonly factor: 2 | 4 }
  /** [N,factor·H,factor·W,C] → [N,H,W,factor²·C], see src/ops/pixel_unshuffle.ts. */
  | { readonly op: "pixelUnshuffle"; readonly input: string; readonly output: string; readonly factor: 2 | 4 }
  | { readonly op: "add"; readonly inputs: readonly [string, string]; readonly output: string }
  /** Each pixel that is wholly black or white becomes a mean of the others around it, see src/ops/fill_holes.ts. */
  | { readonly op: "fillHoles"; readonly input: string; readonly output: string }
  /** The second input, plus the third where the first is extreme, see src/ops/add_at_extremes.ts. */
  | {
    readonly op: "addAtExtremes";
    readonly inputs: readonly [string, string, string];
    readonly extremes: Extremes;
    readonly output: string;
  };

/** A parameter: `NAME.weight` is `[kernel, kernel, in, out]`, `NAME.bias` is `[out]`. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface UNetGraph {
  readonly nodes: readonly UNetNode[];
  readonly parameters: readonly ParameterSpec[];
  /** Name of the value that comes out. */
  readonly output: string;
}

/**
 * Lays out the U-Net of a topology (Ronneberger et al. 2015, with 'same' convolutions and an optional global residual).
 *
 * One that enlarges works at the size of the small picture throughout: its last convolution makes scale² values for each one, which a
 * pixel shuffle spreads out (ESPCN, Shi et al. 2016), and the residual is added to the bilinear enlargement of the picture.
 *
 * One that unshuffles works at a fraction of the picture's size in the same way, from start to end.
 *
 * One that corrects holes or extremes of a `filled` picture adds its correction to that: it starts where the filter ends.
 */
export function unetGraph(topology: UNetTopology): UNetGraph {
  const {
    channels,
    widths,
    encoderBlocks,
    decoderBlocks,
    activation,
    down,
    up,
    residual,
    residualBlocks,
    unshuffle,
  } = topology;
  const enlargement = topology.scale;
  const nodes: UNetNode[] = [];
  const parameters: ParameterSpec[] = [];
  const conv = (
    name: string,
    inputs: readonly string[],
    inChannels: readonly number[],
    outChannels: number,
    act: Activation,
    stride: 1 | 2 = 1,
    kernel: 1 | 3 = 3,
  ): string => {
    nodes.push({
      op: "conv2d",
      name,
      inputs,
      output: name,
      kernel,
      stride,
      inChannels,
      outChannels,
      activation: act,
    });
    const fanIn = inChannels.reduce((sum, c) => sum + c, 0);
    parameters.push(
      { name: `${name}.weight`, shape: [kernel, kernel, fanIn, outChannels] },
      { name: `${name}.bias`, shape: [outChannels] },
    );
    return name;
  };

  /** A convolution that keeps the width, after the first of its scale. */
  const block = (name: string, input: string, width: number): string => {
    const value = conv(name, [input], [width], width, activation);
    if (!residualBlocks) return value;
    nodes.push({ op: "add", inputs: [input, value], output: `${name}.sum` });
    return `${name}.sum`;
  };

  const depth = widths.length - 1;
  const skips: string[] = [];
  const filled = topology.filled ? "filled" : undefined;
  if (filled) nodes.push({ op: "fillHoles", input: "image", output: filled });
  /** A picture as the first convolution reads it. */
  const seen = (picture: string): string => {
    if (unshuffle === 1) return picture;
    const output = `${picture}.unshuffled`;
    nodes.push({ op: "pixelUnshuffle", input: picture, output, factor: unshuffle });
    return output;
  };
  const pictures = (filled ? ["image", filled] : ["image"]).map(seen);
  let value = pictures[0];
  let width = channels * unshuffle ** 2;
  for (let scale = 0; scale <= depth; scale++) {
    if (scale > 0) {
      skips.push(value);
      if (down === "stride") {
        value = conv(`down${scale}`, [value], [width], widths[scale], activation, 2);
        width = widths[scale];
      } else {
        nodes.push({ op: "maxPool", input: value, output: `pool${scale}` });
        value = `pool${scale}`;
      }
    }
    const first = scale === 0 ? pictures : [value];
    value = conv(`enc${scale}.0`, first, first.map(() => width), widths[scale], activation);
    width = widths[scale];
    for (let index = 1; index < encoderBlocks[scale]; index++) {
      value = block(`enc${scale}.${index}`, value, width);
    }
  }
  for (let scale = depth - 1; scale >= 0; scale--) {
    nodes.push({ op: "upsample", input: value, output: `up${scale}`, mode: up });
    value = conv(
      `dec${scale}.0`,
      [`up${scale}`, skips[scale]],
      [width, widths[scale]],
      widths[scale],
      activation,
    );
    width = widths[scale];
    for (let index = 1; index < decoderBlocks[scale]; index++) {
      value = block(`dec${scale}.${index}`, value, width);
    }
  }
  const factor = enlargement === 1 ? unshuffle : enlargement;
  value = conv("out", [value], [width], channels * factor ** 2, "none");
  if (factor !== 1) {
    nodes.push({ op: "pixelShuffle", input: value, output: "shuffled", factor });
    value = "shuffled";
  }
  if (residual) {
    let base = "image";
    for (let size = 2; size <= enlargement; size *= 2) {
      nodes.push({ op: "upsample", input: base, output: `image.x${size}`, mode: "bilinear" });
      base = `image.x${size}`;
    }
    nodes.push(
      topology.corrects === "all" ? { op: "add", inputs: [base, value], output: "restored" } : {
        op: "addAtExtremes",
        inputs: [base, filled ?? base, value],
        extremes: topology.corrects === "holes" ? "holes" : "values",
        output: "restored",
      },
    );
    value = "restored";
  }
  return { nodes, parameters, output: value };
}

/** Names of the weights between the first convolution and the last: matrices, where those two have few inputs or outputs. */
export function hiddenWeights(topology: UNetTopology): Set<string> {
  const convolutions = unetGraph(topology).nodes.filter((node) => node.op === "conv2d");
  return new Set(convolutions.slice(1, -1).map(({ name }) => `${name}.weight`));
}

/**
 * How far, in pixels of the image that goes in, an output pixel's value can depend on the input: a tile needs that much overlap.
 * Sums each operation's reach times its scale, along the longest path.
 */
export function receptiveRadius(topology: UNetTopology): number {
  const reach = new Map<string, { scale: number; radius: number }>([["image", { scale: 1, radius: 0 }]]);
  for (const node of unetGraph(topology).nodes) {
    const inputs = "inputs" in node ? node.inputs : [node.input];
    const sources = inputs.map((name) => reach.get(name)!);
    const radius = Math.max(...sources.map((source) => source.radius));
    const scale = sources[0].scale;
    if (node.op === "conv2d") {
      reach.set(node.output, {
        scale: scale * node.stride,
        radius: radius + ((node.kernel - 1) / 2) * scale,
      });
    } else if (node.op === "maxPool") {
      reach.set(node.output, { scale: scale * 2, radius: radius + scale });
    } else if (node.op === "upsample") {
      // Nearest reads one coarse pixel, whose far edge is one fine pixel away; bilinear reads its neighbour as well.
      reach.set(node.output, {
        scale: scale / 2,
        radius: radius + (node.mode === "nearest" ? scale / 2 : scale),
      });
    } else if (node.op === "fillHoles") {
      reach.set(node.output, { scale, radius: radius + scale * FILL_RADIUS });
    } else if (node.op === "pixelShuffle") {
      reach.set(node.output, { scale: scale / node.factor, radius });
    } else if (node.op === "pixelUnshuffle") {
      // As pooling does: a pixel meets those that share its place.
      reach.set(node.output, { scale: scale * node.factor, radius: radius + scale * (node.factor - 1) });
    } else {
      reach.set(node.output, { scale, radius });
    }
  }
  return reach.get(unetGraph(topology).output)!.radius;
}

/** Multiply-adds for each pixel of the image that goes in. */
export function macsPerPixel(topology: UNetTopology): number {
  const scaleOf = new Map<string, number>([["image", 1]]);
  let macs = 0;
  for (const node of unetGraph(topology).nodes) {
    const input = scaleOf.get("inputs" in node ? node.inputs[0] : node.input)!;
    const factor = node.op === "conv2d"
      ? node.stride
      : node.op === "maxPool"
      ? 2
      : node.op === "upsample"
      ? 0.5
      : node.op === "pixelShuffle"
      ? 1 / node.factor
      : node.op === "pixelUnshuffle"
      ? node.factor
      : 1;
    const scale = input * factor;
    scaleOf.set(node.output, scale);
    if (node.op === "conv2d") {
      macs += node.kernel ** 2 * node.inChannels.reduce((sum, c) => sum + c, 0) * node.outChannels /
        scale ** 2;
    }
  }
  return macs;
}
