/** States of a training made up for tests. */
import { normalValues } from "../cases/inputs.ts";
import { unetGraph } from "../../src/nn/graph.ts";
import type { UNetTopology } from "../../src/nn/topology.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import type { TrainerState } from "../../src/train/trainer.ts";

/** Random values of every kind; second moments are not negative. */
export function someState(topology: UNetTopology, seed: number): TrainerState {
  const kind = (place: number, scale: number) =>
    new Map(
      unetGraph(topology).parameters.map(({ name, shape }, i) => [
        name,
        normalValues(sizeOf(shape), seed * 1000 + place * 100 + i, scale),
      ]),
    );
  const squares = [...kind(2, 1e-3)].map(([name, values]) =>
    [name, values.map((value) => value ** 2)] as const
  );
  return {
    values: kind(0, 0.1),
    moment1: kind(1, 1e-3),
    moment2: new Map(squares),
    average: kind(3, 0.1),
  };
}
