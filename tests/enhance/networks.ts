/** Networks for tests of what is around them. */
import type { TileNetwork } from "../../src/enhance/network.ts";
import { type UNetTopology, unetTopology } from "../../src/nn/topology.ts";
import { unetParameters } from "../cases/unet.ts";

/** Random weights whose last layer is small, so that hardly any output leaves 0..1 and clamping hides no difference. */
export function calmParameters(topology: UNetTopology, seed: number): Map<string, Float32Array> {
  const parameters = unetParameters(topology, seed);
  const scale = topology.residual ? 0.05 : 0.1;
  const weight = parameters.get("out.weight")!;
  parameters.set("out.weight", weight.map((value) => value * scale));
  parameters.set("out.bias", parameters.get("out.bias")!.map(() => topology.residual ? 0.01 : 0.5));
  return parameters;
}

/** A network given as a function of the tile: for questions about the pixels around it that no trained weights answer exactly. */
export function functionNetwork(
  compute: (tile: Float32Array, height: number, width: number) => Float32Array | Promise<Float32Array>,
  topology: UNetTopology = unetTopology({ base: 4, depth: 1, blocks: 1 }),
): TileNetwork {
  return {
    topology,
    device: "test",
    preferredTile: 64,
    run: async (tile, height, width) => await compute(tile, height, width),
    [Symbol.dispose]() {},
  };
}
