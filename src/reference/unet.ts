/** The whole U-Net, float64: walks the graph of a topology forward, and backward in reverse order. */
import { unetGraph, type UNetNode } from "../nn/graph.ts";
import type { UNetTopology } from "../nn/topology.ts";
import { add } from "./add.ts";
import { addAtExtremes, addAtExtremesGradients } from "./add_at_extremes.ts";
import { conv2d, conv2dGradients, type Conv2dOptions } from "./conv2d.ts";
import { fillHoles } from "./fill_holes.ts";
import { maxPool, maxPoolGradient } from "./max_pool.ts";
import { pixelShuffle, pixelShuffleGradient, pixelUnshuffle } from "./pixel_shuffle.ts";
import type { Tensor64 } from "./tensor64.ts";
import { upsample, upsampleGradient } from "./upsample.ts";

/** Name (`enc0.0.weight`) to values, in the order of `unetGraph(topology).parameters`. */
export type Parameters64 = Map<string, Float64Array>;

export interface UNetResult {
  /** The restored images, `[N,scale·H,scale·W,channels]`. */
  readonly output: Tensor64;
  /** Every named value of the graph. */
  readonly values: ReadonlyMap<string, Tensor64>;
  /** Gradients of every parameter and of the image, given that of the output; not through what fillHoles fills in. */
  backward(dy: Tensor64): { readonly parameters: Parameters64; readonly image: Tensor64 };
}

/**
 * Runs the U-Net.
 * @param image `[N,H,W,channels]`; H and W multiples of `sizeMultiple(topology)`
 */
export function unet(topology: UNetTopology, parameters: Parameters64, image: Tensor64): UNetResult {
  const graph = unetGraph(topology);
  const values = new Map<string, Tensor64>([["image", image]]);
  const argmaxes = new Map<string, Uint8Array>();
  for (const node of graph.nodes) {
    const inputs = inputsOf(node).map((name) => values.get(name)!);
    if (node.op === "conv2d") {
      const weight = parameters.get(`${node.name}.weight`)!;
      values.set(node.output, conv2d(inputs, weight, parameters.get(`${node.name}.bias`)!, optionsOf(node)));
    } else if (node.op === "maxPool") {
      const { output, argmax } = maxPool(inputs[0]);
      values.set(node.output, output);
      argmaxes.set(node.output, argmax);
    } else if (node.op === "upsample") {
      values.set(node.output, upsample(inputs[0], node.mode));
    } else if (node.op === "pixelShuffle") {
      values.set(node.output, pixelShuffle(inputs[0], node.factor));
    } else if (node.op === "pixelUnshuffle") {
      values.set(node.output, pixelUnshuffle(inputs[0], node.factor));
    } else if (node.op === "add") {
      values.set(node.output, add(inputs[0], inputs[1]));
    } else if (node.op === "fillHoles") {
      values.set(node.output, fillHoles(inputs[0]));
    } else {
      values.set(node.output, addAtExtremes(inputs[0], inputs[1], inputs[2], node.extremes));
    }
  }

  const backward = (dy: Tensor64) => {
    const gradients = new Map<string, Tensor64>([[graph.output, dy]]);
    const found: Parameters64 = new Map();
    const accumulate = (name: string, gradient: Tensor64) => {
      const known = gradients.get(name);
      gradients.set(name, known ? add(known, gradient) : gradient);
    };
    for (const node of graph.nodes.toReversed()) {
      const gradient = gradients.get(node.output)!;
      const inputs = inputsOf(node);
      const shape = values.get(inputs[0])!.shape;
      if (node.op === "conv2d") {
        const result = conv2dGradients(
          inputs.map((name) => values.get(name)!),
          parameters.get(`${node.name}.weight`)!,
          values.get(node.output)!,
          gradient,
          optionsOf(node),
        );
        found.set(`${node.name}.weight`, result.weight);
        found.set(`${node.name}.bias`, result.bias);
        result.inputs.forEach((part, i) => accumulate(inputs[i], part));
      } else if (node.op === "maxPool") {
        accumulate(inputs[0], maxPoolGradient(shape, argmaxes.get(node.output)!, gradient));
      } else if (node.op === "upsample") {
        accumulate(inputs[0], upsampleGradient(shape, gradient, node.mode));
      } else if (node.op === "pixelShuffle") {
        accumulate(inputs[0], pixelShuffleGradient(shape, gradient, node.factor));
      } else if (node.op === "pixelUnshuffle") {
        accumulate(inputs[0], pixelShuffle(gradient, node.factor));
      } else if (node.op === "add") {
        inputs.forEach((name) => accumulate(name, gradient));
      } else if (node.op === "addAtExtremes") {
        const { base, correction } = addAtExtremesGradients(values.get(inputs[0])!, gradient, node.extremes);
        accumulate(inputs[1], base);
        accumulate(inputs[2], correction);
      }
      // fillHoles hands none back: what it fills is taken as given, as on the GPU.
    }
    const ordered = new Map(graph.parameters.map(({ name }) => [name, found.get(name)!]));
    return { parameters: ordered, image: gradients.get("image")! };
  };
  return { output: values.get(graph.output)!, values, backward };
}

function inputsOf(node: UNetNode): readonly string[] {
  return "inputs" in node ? node.inputs : [node.input];
}

function optionsOf({ kernel, stride, activation }: UNetNode & { op: "conv2d" }): Conv2dOptions {
  return { kernel, stride, activation };
}
