/** Gives a trained network more to work with, without changing what it does. */
import { type UNetGraph, unetGraph } from "./graph.ts";
import { heInitialise } from "./initialise.ts";
import type { Model } from "./model_file.ts";
import { type TopologyOptions, type UNetTopology, unetTopology } from "./topology.ts";

/**
 * The model as a larger network, to be trained further: wider scales, more convolutions a scale, or a second look at the picture with its holes
 * filled (`filled`). It does what it did before, to the rounding of its sums: what the new channels make is not read by the old ones at first (weights of zero,
 * which learn from the first step on, since the channels themselves start with random weights), and a new convolution adds zero to its input. After the
 * function-preserving growth of Net2Net (Chen et al. 2016), with zeros in place of copies, so that nothing has to break a symmetry.
 *
 * @param options what is to become larger; what is left out stays as it is. `base` and `blocks` stand for all scales, as in {@link TopologyOptions}.
 * @param seed of the new channels' weights; whole number.
 * @throws {RangeError} naming what would become smaller, or cannot change in a trained network.
 *
 * @example
 * ```ts
 * import { freshModel, growModel } from "@clairnet/clairnet";
 *
 * const wider = growModel(freshModel({ widths: [8, 16] }), { widths: [12, 24] });
 * console.log(wider.topology.widths.join()); // 12,24
 * ```
 */
export function growModel(model: Model, options: TopologyOptions, seed = 1): Model {
  const { topology } = model;
  const larger = largerTopology(topology, options);
  if (JSON.stringify(larger) === JSON.stringify(topology)) return model;
  const before = unetGraph(topology);
  const after = unetGraph(larger);
  const parameters = heInitialise(larger, seed);
  const oldConvolutions = convolutions(before);
  for (const [name, { inChannels, outChannels, kernel }] of convolutions(after)) {
    const weights = parameters.get(`${name}.weight`)!;
    const old = oldConvolutions.get(name);
    if (!old) {
      weights.fill(0);
      continue;
    }
    const oldWeights = model.parameters.get(`${name}.weight`)!;
    const sources = sourcesOf(inChannels, old.inChannels);
    const oldIn = old.inChannels.reduce((sum, count) => sum + count, 0);
    // [kernel, kernel, in, out]
    for (let tap = 0; tap < kernel ** 2; tap++) {
      sources.forEach((source, input) => {
        const at = (tap * sources.length + input) * outChannels;
        if (source === undefined) {
          weights.fill(0, at, at + old.outChannels);
        } else {
          const from = (tap * oldIn + source) * old.outChannels;
          weights.set(oldWeights.subarray(from, from + old.outChannels), at);
        }
      });
    }
    parameters.get(`${name}.bias`)!.set(model.parameters.get(`${name}.bias`)!);
  }
  return { ...model, topology: larger, parameters };
}

/** Fields whose numbers can become larger. */
const GROWS: ReadonlySet<keyof UNetTopology> = new Set(["widths", "encoderBlocks", "decoderBlocks"]);

/** Completes and checks what the network is to become. */
function largerTopology(topology: UNetTopology, options: TopologyOptions): UNetTopology {
  const { base, blocks, depth, ...fields } = options;
  const scales = topology.widths.length;
  const larger = unetTopology({
    ...topology,
    ...(base === undefined ? {} : { widths: topology.widths.map((_, scale) => base * 2 ** scale) }),
    ...(blocks === undefined
      ? {}
      : { encoderBlocks: Array(scales).fill(blocks), decoderBlocks: Array(scales - 1).fill(blocks) }),
    ...fields,
  });
  if ((depth ?? scales - 1) !== scales - 1 || larger.widths.length !== scales) {
    throw new RangeError(
      `Cannot grow a trained network by scales: it has ${scales}, and new ones would change what it does`,
    );
  }
  for (const field of GROWS as ReadonlySet<"widths" | "encoderBlocks" | "decoderBlocks">) {
    if (larger[field].some((count, scale) => count < topology[field][scale])) {
      throw new RangeError(
        `Cannot make a trained network smaller: its ${field} are ${topology[field].join("/")}, got ${
          larger[field].join("/")
        }`,
      );
    }
  }
  const more = (["encoderBlocks", "decoderBlocks"] as const)
    .some((field) => larger[field].some((count, scale) => count > topology[field][scale]));
  // Zero weights learn only where the activation lets a gradient through at zero.
  if (more && !(topology.residualBlocks && topology.activation !== "relu")) {
    throw new RangeError(
      "Cannot give a trained network more convolutions unless it has residualBlocks and an activation other than relu",
    );
  }
  for (const key of Object.keys(topology) as (keyof UNetTopology)[]) {
    // Where few values are corrected, those of a filled picture are what the correction is added to.
    const mayGrow = GROWS.has(key) || (key === "filled" && larger.filled && topology.corrects === "all");
    if (!mayGrow && larger[key] !== topology[key]) {
      throw new RangeError(
        `Cannot change ${key} of a trained network: its weights are for ${key}=${topology[key]}`,
      );
    }
  }
  return larger;
}

function convolutions(graph: UNetGraph) {
  return new Map(graph.nodes.flatMap((node) => node.op === "conv2d" ? [[node.name, node] as const] : []));
}

/** For each input channel of a convolution the one that it was before, if any: its inputs are joined in order, and each has grown at its end. */
function sourcesOf(channels: readonly number[], before: readonly number[]): (number | undefined)[] {
  let first = 0;
  return channels.flatMap((count, input) => {
    const start = first;
    first += before[input] ?? 0;
    return Array.from({ length: count }, (_, i) => i < (before[input] ?? 0) ? start + i : undefined);
  });
}
