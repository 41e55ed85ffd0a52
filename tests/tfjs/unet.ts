/** The U-Net of a topology in TensorFlow.js, built from the same graph and given the same weights. */
import type { AdamOptimizer, Scalar, Tensor1D, Tensor4D, Variable } from "./tensorflow.ts";
import { unetGraph } from "../../src/nn/graph.ts";
import type { UNetTopology } from "../../src/nn/topology.ts";
import type { LossKind } from "../../src/reference/loss.ts";
import type { Tfjs } from "./backend.ts";
import {
  addAtExtremes,
  conv2d,
  fillHoles,
  loss,
  maxPool,
  pixelShuffle,
  pixelUnshuffle,
  upsample,
} from "./ops.ts";

let made = 0;

export interface AdamSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  /**
   * tfjs (adam_optimizer.js, 4.22) computes θ ← θ − lr·m̂/(√v̂ + ε) as Kingma & Ba do and as we do: ε outside the root and
   * after the bias correction. Only the default differs (1e-7 there), so tests give both the same. It has no weight decay.
   */
  readonly epsilon: number;
}

/** Frees its weights with `dispose`; every tensor that a method returns belongs to the caller. */
export class TfjsUNet {
  readonly #tf: Tfjs;
  readonly #topology: UNetTopology;
  readonly #variables: Map<string, Variable>;

  constructor(tf: Tfjs, topology: UNetTopology, parameters: ReadonlyMap<string, Float32Array>) {
    this.#tf = tf;
    this.#topology = topology;
    // tfjs keeps one table of variable names for the whole program.
    const prefix = `unet${made++}`;
    this.#variables = new Map(
      unetGraph(topology).parameters.map(({ name, shape }) => {
        const values = tf.tensor(parameters.get(name)!, [...shape]);
        const variable = tf.variable(values, true, `${prefix}/${name}`);
        values.dispose();
        return [name, variable];
      }),
    );
  }

  /** Restores `image` `[N,H,W,channels]`. */
  forward(image: Tensor4D): Tensor4D {
    const tf = this.#tf;
    const graph = unetGraph(this.#topology);
    return tf.tidy(() => {
      const values = new Map<string, Tensor4D>([["image", image]]);
      for (const node of graph.nodes) {
        const inputs = ("inputs" in node ? node.inputs : [node.input]).map((name) => values.get(name)!);
        if (node.op === "conv2d") {
          const weight = this.#variables.get(`${node.name}.weight`) as unknown as Tensor4D;
          const bias = this.#variables.get(`${node.name}.bias`) as unknown as Tensor1D;
          values.set(node.output, conv2d(tf, inputs, weight, bias, node));
        } else if (node.op === "maxPool") {
          values.set(node.output, maxPool(tf, inputs[0]));
        } else if (node.op === "upsample") {
          values.set(node.output, upsample(tf, inputs[0], node.mode));
        } else if (node.op === "pixelShuffle") {
          values.set(node.output, pixelShuffle(tf, inputs[0], node.factor));
        } else if (node.op === "pixelUnshuffle") {
          values.set(node.output, pixelUnshuffle(tf, inputs[0], node.factor));
        } else if (node.op === "add") {
          values.set(node.output, tf.add(inputs[0], inputs[1]));
        } else if (node.op === "fillHoles") {
          values.set(node.output, fillHoles(tf, inputs[0]));
        } else {
          values.set(node.output, addAtExtremes(tf, inputs[0], inputs[1], inputs[2], node.extremes));
        }
      }
      return values.get(graph.output)!;
    });
  }

  /** Loss of `image` against `target`, and the gradient of every parameter, in the graph's order. */
  async gradients(
    image: Tensor4D,
    target: Tensor4D,
    kind: LossKind,
  ): Promise<{ loss: number; parameters: Map<string, Float32Array> }> {
    const variables = [...this.#variables.values()];
    const { value, grads } = this.#tf.variableGrads(
      () => loss(this.#tf, kind, this.forward(image), target),
      variables,
    );
    const parameters = new Map<string, Float32Array>();
    for (const [name, variable] of this.#variables) {
      parameters.set(name, await grads[variable.name].data() as Float32Array);
      grads[variable.name].dispose();
    }
    const [number] = await value.data();
    value.dispose();
    return { loss: number, parameters };
  }

  adam({ learningRate, beta1, beta2, epsilon }: AdamSettings): AdamOptimizer {
    return this.#tf.train.adam(learningRate, beta1, beta2, epsilon);
  }

  /** One step of the optimiser; gives the loss before it, unread, so that steps can follow without waiting. */
  step(optimizer: AdamOptimizer, image: Tensor4D, target: Tensor4D, kind: LossKind): Scalar {
    const variables = [...this.#variables.values()];
    return optimizer.minimize(() => loss(this.#tf, kind, this.forward(image), target), true, variables)!;
  }

  /** The parameters as they are now. */
  async parameters(): Promise<Map<string, Float32Array>> {
    const result = new Map<string, Float32Array>();
    for (const [name, variable] of this.#variables) result.set(name, await variable.data() as Float32Array);
    return result;
  }

  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
  }
}
