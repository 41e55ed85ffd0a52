/** The convolutions of a network at one size: what there is to tune. */
import { unetGraph } from "../nn/graph.ts";
import type { UNetTopology } from "../nn/topology.ts";
import type { Activation } from "../ops/activation.ts";
import type { ConvLayer, ConvRole } from "../ops/conv2d_variant.ts";
import { choiceKey } from "../ops/conv2d_choices.ts";
import { paddedChannels, stridedExtent } from "../tensor/shape.ts";

/** The convolution that reads the image. */
const FIRST = "enc0.0";

/** A joined input: its channels; `upsampled`: it has half the size and is read as if enlarged (nearest); `half`: it is f16. */
interface Source {
  readonly channels: number;
  readonly upsampled: boolean;
  readonly half: boolean;
}

/** A convolution in a role, as the network has it. */
export interface TuningTask {
  /** Its name in a table of choices. */
  readonly key: string;
  readonly role: ConvRole;
  readonly layer: ConvLayer;
  readonly sources: readonly Source[];
  readonly outChannels: number;
  readonly activation: Activation;
  /** Whether a training step does it: parameters change from run to run there. */
  readonly training: boolean;
  /** Multiply-adds. */
  readonly macs: number;
}

/** What a tuning is for: batches of so many images of this size, for training (all roles) or forward alone. */
export interface TuningSize {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly training: boolean;
  /** Weights, and what lies between the layers, are f16; forward alone. */
  readonly half?: boolean;
}

interface Value extends Source {
  readonly height: number;
  readonly width: number;
}

/** All convolutions of a topology in all their roles, those of the same key once, the dearest first. */
export function tuningTasks(topology: UNetTopology, size: TuningSize): TuningTask[] {
  const { batch, training, half = false } = size;
  const tasks = new Map<string, TuningTask>();
  const values = new Map<string, Value>([
    ["image", {
      ...{ height: size.height, width: size.width, channels: topology.channels },
      ...{ upsampled: false, half: false },
    }],
  ]);
  for (const node of unetGraph(topology).nodes) {
    const names = "inputs" in node ? node.inputs : [node.input];
    const inputs = names.map((name) => values.get(name)!);
    const [{ height, width, channels }] = inputs;
    const halves = inputs.every((input) => input.half);
    const give = (value: Partial<Value>) =>
      values.set(node.output, { height, width, channels, upsampled: false, half: halves, ...value });
    if (node.op === "maxPool") {
      give({ height: stridedExtent(height, 2), width: stridedExtent(width, 2) });
    } else if (node.op === "upsample") {
      give({ height: height * 2, width: width * 2, upsampled: node.mode === "nearest" });
    } else if (node.op === "pixelShuffle") {
      const { factor } = node;
      give({ height: height * factor, width: width * factor, channels: channels / factor ** 2 });
    } else if (node.op === "pixelUnshuffle") {
      const { factor } = node;
      give({ height: height / factor, width: width / factor, channels: channels * factor ** 2 });
    } else if (node.op !== "conv2d") give({});
    else {
      const { kernel, stride, outChannels, activation } = node;
      const in4 = inputs.reduce((sum, input) => sum + paddedChannels(input.channels) / 4, 0);
      const out4 = paddedChannels(outChannels) / 4;
      const layer: ConvLayer = {
        ...{ batch, height, width, in4, out4, kernel, stride },
        ...(half ? { half } : {}),
      };
      const out = { height: stridedExtent(height, stride), width: stridedExtent(width, stride) };
      // The image and what is filled into it have no gradient.
      const roles: ConvRole[] = !training
        ? ["forward"]
        : node.name === FIRST
        ? ["forward", "weight-gradient"]
        : ["forward", "weight-gradient", "input-gradient"];
      for (const role of roles) {
        const key = choiceKey(layer, role);
        if (tasks.has(key)) continue;
        const sources = inputs.map(({ channels, upsampled, half }) => ({ channels, upsampled, half }));
        const macs = batch * out.height * out.width * kernel ** 2 * in4 * out4 * 16;
        tasks.set(key, { key, role, layer, sources, outChannels, activation, training, macs });
      }
      give({ ...out, channels: outChannels, half });
    }
  }
  return [...tasks.values()].sort((a, b) => b.macs - a.macs);
}
