/** A U-Net as an ONNX model, built in memory from our own weights. */
import type { Extremes } from "../ops/add_at_extremes.ts";
import { type ParameterSpec, unetGraph, type UNetNode } from "./graph.ts";
import { oihwShape, toOihw } from "./layout.ts";
import { cropped, type OnnxPart, padded } from "./onnx_any_size.ts";
import {
  type AttributeProto,
  AttributeType,
  encodeModelProto,
  FLOAT,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "./onnx_proto.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import { FILL_RADIUS, LEAKY_SLOPE, sizeMultiple, type UNetTopology } from "./topology.ts";

const IR_VERSION = 8;
const OPSET = 13;

export interface OnnxOptions {
  /**
   * Layout of the model's input `image` and its output `restored`, both f32 with pixels 0..1; height and width of the input are free (multiples
   * of `sizeMultiple(topology)`, unless there is a `margin`), those of the output `scale` times as large: `nchw` [1,C,H,W], usual for ONNX, or `nhwc` [1,H,W,C].
   */
  readonly layout?: "nchw" | "nhwc";
  /**
   * Takes pictures of any size and number: the graph pads them by at least so many reflected pixels on each side, cuts the result out
   * again and clamps it to 0..1. Without it, nothing is padded.
   */
  readonly margin?: number;
}

/** Names of the model's input and output. */
const ONNX_INPUT = "image";
const ONNX_OUTPUT = "restored";

/**
 * Builds the ModelProto of a U-Net (ONNX opset 13).
 *
 * @param parameters `NAME.weight` as `[kernel, kernel, in, out]` and `NAME.bias` as `[out]`, as `unetGraph` lists them.
 * @returns the serialised model.
 * @throws {RangeError} naming the parameter that is missing or of the wrong length.
 */
export function onnxModel(
  topology: UNetTopology,
  parameters: ReadonlyMap<string, Float32Array>,
  options: OnnxOptions = {},
): Uint8Array {
  const { layout = "nchw", margin } = options;
  const graph = unetGraph(topology);
  const nodes: NodeProto[] = [];
  const initializers = graph.parameters.map((spec) => initializer(spec, parameters.get(spec.name)));
  if (graph.nodes.some(({ op }) => op === "upsample")) {
    initializers.push(floats("upsample.scales", [4], Float32Array.of(1, 1, 2, 2)));
  }

  if (topology.filled) {
    for (const count of new Set([1, topology.channels])) {
      initializers.push(floats(`fill.weights.${count}`, ...fillWeights(count)));
    }
  }
  if (topology.filled || topology.corrects !== "all") {
    initializers.push(
      floats("extremes.black", [], Float32Array.of(0)),
      floats("extremes.white", [], Float32Array.of(1)),
    );
  }

  // Values of the graph carry their own names except the two ends, which the caller knows by fixed names.
  const inner = (
    name: string,
  ) => (name === "image" ? "image.nchw" : name === graph.output ? "restored.nchw" : name);
  const [toInner, fromInner] = layout === "nhwc" ? [[0, 3, 1, 2], [0, 2, 3, 1]] : [null, null];
  const free = margin !== undefined;
  const { scale = 1 } = topology as { scale?: number };
  const [whole, restored] = free ? ["picture", "picture.restored"] : [inner("image"), inner(graph.output)];
  const add = (part: OnnxPart) => {
    nodes.push(...part.nodes);
    initializers.push(...part.constants);
  };
  nodes.push(rearranged(ONNX_INPUT, whole, toInner));
  if (free) add(padded(whole, inner("image"), margin, sizeMultiple(topology)));
  for (const node of graph.nodes) nodes.push(...nodesFor(node, inner, topology.channels));
  if (free) add(cropped(inner(graph.output), restored, margin, scale));
  nodes.push(rearranged(restored, ONNX_OUTPUT, fromInner));

  const batch = free ? "batch" : 1;
  const shapeOf = (height: string, width: string) =>
    layout === "nhwc" ? [batch, height, width, topology.channels] : [batch, topology.channels, height, width];
  const outer = topology.scale === 1 ? ["height", "width"] : ["tall", "wide"];
  return encodeModelProto({
    irVersion: IR_VERSION,
    producerName: "clairnet",
    opset: OPSET,
    graph: {
      name: "unet",
      node: nodes,
      initializer: initializers,
      input: [valueInfo(ONNX_INPUT, shapeOf("height", "width"))],
      output: [valueInfo(ONNX_OUTPUT, shapeOf(outer[0], outer[1]))],
    },
  });
}

function nodesFor(node: UNetNode, inner: (name: string) => string, channels: number): NodeProto[] {
  const output = [inner(node.output)];
  switch (node.op) {
    case "conv2d": {
      const { name, kernel, stride, activation } = node;
      const inputs = node.inputs.map(inner);
      const source = inputs.length > 1 ? `${name}.joined` : inputs[0];
      const joined = { opType: "Concat", input: inputs, output: [source], attribute: [int("axis", 1)] };
      // Explicit padding, because SAME_UPPER would centre stride 2 on (2y+1, 2x+1) where the size is even.
      const pad = (kernel - 1) / 2;
      const plain = activation === "none" ? output : [`${name}.plain`];
      const convolution = {
        opType: "Conv",
        name,
        input: [source, `${name}.weight`, `${name}.bias`],
        output: plain,
        attribute: [
          ints("kernel_shape", [kernel, kernel]),
          ints("strides", [stride, stride]),
          ints("pads", [pad, pad, pad, pad]),
        ],
      };
      const activated = activation === "relu"
        ? [{ opType: "Relu", input: plain, output }]
        : activation === "leaky-relu"
        ? [{ opType: "LeakyRelu", input: plain, output, attribute: [float("alpha", LEAKY_SLOPE)] }]
        : [];
      return [...(inputs.length > 1 ? [joined] : []), convolution, ...activated];
    }
    case "maxPool":
      return [{
        opType: "MaxPool",
        input: [inner(node.input)],
        output,
        attribute: [ints("kernel_shape", [2, 2]), ints("strides", [2, 2]), int("ceil_mode", 1)],
      }];
    case "upsample":
      return [{
        opType: "Resize",
        input: [inner(node.input), "", "upsample.scales"],
        output,
        attribute: node.mode === "nearest"
          ? [
            text("mode", "nearest"),
            text("coordinate_transformation_mode", "asymmetric"),
            text("nearest_mode", "floor"),
          ]
          : [text("mode", "linear"), text("coordinate_transformation_mode", "half_pixel")],
      }];
    case "pixelShuffle":
      return [{
        opType: "DepthToSpace",
        input: [inner(node.input)],
        output,
        attribute: [int("blocksize", node.factor), text("mode", "DCR")],
      }];
    case "pixelUnshuffle":
      return [{
        opType: "SpaceToDepth",
        input: [inner(node.input)],
        output,
        attribute: [int("blocksize", node.factor)],
      }];
    case "add":
      return [{ opType: "Add", input: node.inputs.map(inner), output }];
    case "fillHoles": {
      // The weighted mean of the good pixels is a convolution of theirs over one of their mask.
      const x = inner(node.input);
      return [
        ...goodMask(x, "fill", "holes"),
        { opType: "Cast", input: ["fill.good"], output: ["fill.mask"], attribute: [int("to", FLOAT)] },
        { opType: "Mul", input: [x, "fill.mask"], output: ["fill.masked"] },
        weightedSum("fill.masked", "fill.sum", channels),
        weightedSum("fill.mask", "fill.total", 1),
        { opType: "Div", input: ["fill.sum", "fill.total"], output: ["fill.mean"] },
        { opType: "Greater", input: ["fill.total", "extremes.black"], output: ["fill.known"] },
        { opType: "Where", input: ["fill.known", "fill.mean", x], output: ["fill.guess"] },
        { opType: "Where", input: ["fill.good", x, "fill.guess"], output },
      ];
    }
    case "addAtExtremes": {
      const [x, base, correction] = node.inputs.map(inner);
      return [
        ...goodMask(x, "extremes", node.extremes),
        { opType: "Add", input: [base, correction], output: ["extremes.corrected"] },
        // Where, and not a product with the mask: good values keep their bits.
        { opType: "Where", input: ["extremes.good", base, "extremes.corrected"], output },
      ];
    }
  }
}

/** NAME.good: where x is not extreme; of holes it is one value a pixel. */
function goodMask(x: string, name: string, extremes: Extremes): NodeProto[] {
  const overChannels = (opType: string, output: string): NodeProto => ({
    opType,
    input: [x],
    output: [output],
    attribute: [ints("axes", [1]), int("keepdims", 1)],
  });
  const [largest, smallest] = extremes === "holes" ? [`${name}.largest`, `${name}.smallest`] : [x, x];
  return [
    ...(extremes === "holes"
      ? [overChannels("ReduceMax", largest), overChannels("ReduceMin", smallest)]
      : []),
    { opType: "Greater", input: [largest, "extremes.black"], output: [`${name}.lit`] },
    { opType: "Less", input: [smallest, "extremes.white"], output: [`${name}.unclipped`] },
    { opType: "And", input: [`${name}.lit`, `${name}.unclipped`], output: [`${name}.good`] },
  ];
}

/** Each channel's sum over the window of fillHoles. */
function weightedSum(input: string, output: string, channels: number): NodeProto {
  const [pad, size] = [FILL_RADIUS, 2 * FILL_RADIUS + 1];
  return {
    opType: "Conv",
    input: [input, `fill.weights.${channels}`],
    output: [output],
    attribute: [
      ints("kernel_shape", [size, size]),
      ints("pads", [pad, pad, pad, pad]),
      int("group", channels),
    ],
  };
}

/** distance^−6 over that window for each channel, 0 in its middle: shape [C,1,size,size] and values. */
function fillWeights(channels: number): [number[], Float32Array] {
  const size = 2 * FILL_RADIUS + 1;
  const values = Float32Array.from({ length: channels * size * size }, (_, i) => {
    const [dy, dx] = [Math.floor(i / size) % size - FILL_RADIUS, i % size - FILL_RADIUS];
    return dy === 0 && dx === 0 ? 0 : (dy * dy + dx * dx) ** -3;
  });
  return [[channels, 1, size, size], values];
}

/** Transpose, or a mere renaming where the order stays. */
function rearranged(input: string, output: string, order: number[] | null): NodeProto {
  return order
    ? { opType: "Transpose", input: [input], output: [output], attribute: [ints("perm", order)] }
    : { opType: "Identity", input: [input], output: [output] };
}

/** A parameter as an ONNX initialiser; weights are turned from [ky,kx,in,out] to [out,in,ky,kx]. */
function initializer(spec: ParameterSpec, values: Float32Array | undefined): TensorProto {
  if (values?.length !== sizeOf(spec.shape)) {
    throw new RangeError(
      `Cannot build the ONNX model: parameter "${spec.name}" must be ${formatShape(spec.shape)}, ` +
        (values ? `got ${values.length} values` : "but there is none"),
    );
  }
  if (spec.shape.length === 1) return floats(spec.name, spec.shape, values);
  return floats(spec.name, oihwShape(spec.shape), toOihw(values, spec.shape));
}

function floats(name: string, dims: readonly number[], values: Float32Array): TensorProto {
  // ONNX wants little-endian bytes, which is what every machine that runs this has.
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { name, dims, dataType: FLOAT, rawData };
}

function valueInfo(name: string, shape: readonly (number | string)[]): ValueInfoProto {
  return { name, elemType: FLOAT, shape };
}

function int(name: string, i: number): AttributeProto {
  return { name, type: AttributeType.INT, i };
}

function ints(name: string, values: number[]): AttributeProto {
  return { name, type: AttributeType.INTS, ints: values };
}

function float(name: string, f: number): AttributeProto {
  return { name, type: AttributeType.FLOAT, f };
}

function text(name: string, value: string): AttributeProto {
  return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
}
