/** A model before its training. */
import { heInitialise } from "./initialise.ts";
import { type Model, modelInfo } from "./model_file.ts";
import { type TopologyOptions, unetTopology } from "./topology.ts";

/**
 * A model with random weights: where training starts.
 *
 * @param options what the network looks like; `{ base: 16, depth: 3, blocks: 2 }` unless said.
 * @param seed whole number, from 0 on where the model is to be written to a file; the same options and seed give the same bits.
 * @throws {RangeError} naming the option that is out of range.
 *
 * @example
 * ```ts
 * import { freshModel } from "@clairnet/clairnet";
 *
 * const { topology } = freshModel({ base: 8, depth: 2 }, 1);
 * console.log(topology.widths.join()); // 8,16,32
 * ```
 */
export function freshModel(options: TopologyOptions = {}, seed = 1): Model {
  const topology = unetTopology(options);
  return { topology, parameters: heInitialise(topology, seed), info: modelInfo({ seed }) };
}
