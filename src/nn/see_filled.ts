/** Gives a trained network a second look at its picture, with its holes filled. */
import { unetTopology } from "./topology.ts";
import type { Model } from "./model_file.ts";

/**
 * The model as a network that sees the filled picture too (`filled`), to be trained further: what it does is still the same, since the new weights are zero.
 */
export function seeFilled(model: Model): Model {
  if (model.topology.filled) return model;
  const { channels, unshuffle, widths: [width] } = model.topology;
  const parameters = new Map([...model.parameters].map(([name, values]) => {
    if (name !== FIRST_WEIGHT) return [name, values] as const;
    // [3,3,in,out]: each tap's inputs are followed by as many new ones.
    const wider = new Float32Array(2 * values.length);
    const block = channels * unshuffle ** 2 * width;
    for (let tap = 0; tap * block < values.length; tap++) {
      wider.set(values.subarray(tap * block, (tap + 1) * block), 2 * tap * block);
    }
    return [name, wider] as const;
  }));
  return { ...model, topology: unetTopology({ ...model.topology, filled: true }), parameters };
}

const FIRST_WEIGHT = "enc0.0.weight";
