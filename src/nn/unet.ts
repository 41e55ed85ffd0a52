/** Records a U-Net over the shaders. */
import { GpuError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Recorder } from "../gpu/recorder.ts";
import type { ElementType, Tensor } from "../gpu/tensor.ts";
import { add } from "../ops/add.ts";
import { addAtExtremes } from "../ops/add_at_extremes.ts";
import { conv2d, type ConvSource, type ConvVariant } from "../ops/conv2d.ts";
import { fillHoles } from "../ops/fill_holes.ts";
import { maxPool } from "../ops/max_pool.ts";
import { ParameterSet } from "../ops/parameter.ts";
import { pixelShuffle } from "../ops/pixel_shuffle.ts";
import { pixelUnshuffle } from "../ops/pixel_unshuffle.ts";
import { upsample } from "../ops/upsample.ts";
import { type UNetGraph, unetGraph, type UNetNode } from "./graph.ts";
import { sizeMultiple, type UNetTopology } from "./topology.ts";

/** Room on the GPU for the parameters of a topology; `upload` fills it. With those of f16 a network's values between are f16 too. */
export function unetParameters(gpu: Gpu, topology: UNetTopology, type: ElementType = "f32"): ParameterSet {
  const graph = unetGraph(topology);
  const sources = new Map<string, readonly number[]>(
    graph.nodes.flatMap((node) =>
      node.op === "conv2d" ? [[`${node.name}.weight`, node.inChannels] as const] : []
    ),
  );
  return new ParameterSet(
    gpu,
    graph.parameters.map((spec) => ({ ...spec, sources: sources.get(spec.name) })),
    type,
  );
}

/**
 * Records the network over an image [N,H,W,C]; H and W are multiples of `sizeMultiple(topology)`. Gives [N,scale·H,scale·W,C].
 * Values between are stored as `options.values` says, if not as the weights are.
 * Nearest upsampling is not computed on its own: the convolution behind it reads the small tensor and the skip connection where they lie.
 */
export function unet(
  rec: Recorder,
  image: Tensor,
  topology: UNetTopology,
  parameters: ParameterSet,
  options: { variant?: ConvVariant; values?: ElementType } = {},
): Tensor {
  const multiple = sizeMultiple(topology);
  const [, height, width, channels] = image.shape;
  if (height % multiple || width % multiple || channels !== topology.channels) {
    throw new GpuError(
      `Cannot record the U-Net: the image is ${height}×${width}×${channels}, it takes multiples of ${multiple} and ${topology.channels} channels`,
    );
  }
  const graph = unetGraph(topology);
  const values = new Map<string, ConvSource>([["image", image]]);
  const withoutGradient = new Set([image]);
  const whole = (name: string): Tensor => {
    const value = values.get(name)!;
    if ("upsampled" in value) {
      throw new GpuError(`Cannot record the U-Net: ${name} is read by more than a convolution`);
    }
    return value;
  };
  const residualAdds = addsOfConvolutions(graph);
  for (const node of graph.nodes) {
    // What a convolution has done already.
    if (values.has(node.output)) continue;
    if (node.op === "conv2d") {
      const sources = node.inputs.map((name) => values.get(name)!);
      const sum = residualAdds.get(node.output);
      const residual = sum && { tensor: whole(sum.inputs[0]), name: sum.output };
      const value = conv2d(rec, sources, parameters, node, { ...options, withoutGradient, residual });
      values.set(sum?.output ?? node.output, value);
    } else if (node.op === "maxPool") values.set(node.output, maxPool(rec, whole(node.input), node.output));
    else if (node.op === "fillHoles") {
      const filled = fillHoles(rec, whole(node.input), node.output);
      withoutGradient.add(filled);
      values.set(node.output, filled);
    } else if (node.op === "pixelUnshuffle") {
      const places = pixelUnshuffle(rec, whole(node.input), node.factor, node.output);
      withoutGradient.add(places);
      values.set(node.output, places);
    } else if (node.op === "addAtExtremes") {
      const [x, base, r] = node.inputs.map(whole);
      values.set(node.output, addAtExtremes(rec, x, base, r, node.extremes, node.output, withoutGradient));
    } else if (node.op === "add") {
      const [a, b] = node.inputs.map(whole);
      values.set(node.output, add(rec, a, b, node.output, withoutGradient));
    } else if (node.op === "pixelShuffle") {
      values.set(node.output, pixelShuffle(rec, whole(node.input), node.factor, node.output));
    } else if (node.mode === "nearest") values.set(node.output, { upsampled: whole(node.input) });
    else {
      values.set(node.output, upsample(rec, whole(node.input), node.mode, node.output, withoutGradient));
    }
  }
  return whole(graph.output);
}

type AddNode = Extract<UNetNode, { op: "add" }>;

/** The adds whose second term is a convolution's result that nothing else reads, by that result's name: the convolution does them. */
function addsOfConvolutions({ nodes, output }: UNetGraph): Map<string, AddNode> {
  const readers = new Map([[output, 1]]);
  for (const node of nodes) {
    for (const name of "inputs" in node ? node.inputs : [node.input]) {
      readers.set(name, (readers.get(name) ?? 0) + 1);
    }
  }
  const results = new Set(nodes.flatMap((node) => node.op === "conv2d" ? [node.output] : []));
  const adds = nodes.filter((node): node is AddNode => node.op === "add");
  return new Map(adds.flatMap((node) => {
    const [, term] = node.inputs;
    return results.has(term) && readers.get(term) === 1 ? [[term, node]] : [];
  }));
}
