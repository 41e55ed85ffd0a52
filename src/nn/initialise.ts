/** Starting values of a U-Net's parameters. */
import { Random } from "../base/random.ts";
import { sizeOf } from "../tensor/shape.ts";
import { unetGraph } from "./graph.ts";
import { type Activation, LEAKY_SLOPE, type UNetTopology } from "./topology.ts";

/** How much smaller the last convolution of a residual network starts. */
const RESIDUAL_OUT_SCALE = 0.1;
/** How much smaller a convolution starts whose result is added to its input: at full scale the variance would double with each. */
const RESIDUAL_BLOCK_SCALE = 0.5;

/**
 * Random weights after He et al. 2015 (Delving deep into rectifiers, eq. 10 and 15): normal with mean 0 and
 * standard deviation √(2 / ((1 + a²)·fanIn)), where a is the slope below zero (0 for relu, 0.1 for leaky-relu, 1 for none) and
 * fanIn = kernel²·input channels, so that the variance of the activations stays the same from layer to layer. Biases are zero.
 *
 * In a residual network the last convolution `out` is scaled by 0.1: its output is added to the photo, and at full scale the first
 * thing to learn would be to take away the noise that it adds. Scaled, the network starts near the identity, which is already a good
 * answer, and gradients still flow (from zero weights nothing below `out` would learn in the first step). Convolutions of residual
 * blocks are scaled by 0.5 for a like reason.
 *
 * @param seed whole number; the same topology and seed give the same bits.
 * @returns values of every parameter by name, in the order of `unetGraph(topology).parameters`; weights are
 *   `[kernel, kernel, in, out]`, biases `[out]`.
 */
export function heInitialise(topology: UNetTopology, seed: number): Map<string, Float32Array> {
  const graph = unetGraph(topology);
  const activations = new Map<string, Activation>();
  const added = new Set(graph.nodes.flatMap((node) => node.op === "add" ? [`${node.inputs[1]}.weight`] : []));
  for (const node of graph.nodes) {
    if (node.op === "conv2d") activations.set(`${node.name}.weight`, node.activation);
  }
  const parameters = new Map<string, Float32Array>();
  graph.parameters.forEach(({ name, shape }, index) => {
    const values = new Float32Array(sizeOf(shape));
    const activation = activations.get(name);
    if (activation !== undefined) {
      const slope = activation === "none" ? 1 : activation === "leaky-relu" ? LEAKY_SLOPE : 0;
      const fanIn = sizeOf(shape.slice(0, -1));
      const scale = name === "out.weight" && topology.residual
        ? RESIDUAL_OUT_SCALE
        : added.has(name)
        ? RESIDUAL_BLOCK_SCALE
        : 1;
      const deviation = scale * Math.sqrt(2 / ((1 + slope ** 2) * fanIn));
      const random = new Random(seed, index);
      for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal();
    }
    parameters.set(name, values);
  });
  return parameters;
}
