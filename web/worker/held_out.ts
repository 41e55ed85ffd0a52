/** Patches of photos that are not trained on: measured and shown while the training runs. */
import { type PatchBatch, validationPatches } from "../../src/data/patches.ts";
import type { PhotoSource } from "../../src/data/photo_source.ts";
import type { Recipe } from "../../src/degrade/recipe.ts";
import { GpuNetwork } from "../../src/enhance/gpu_network.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { sizeMultiple, type UNetTopology } from "../../src/nn/topology.ts";
import { rgbaOfPatch } from "./pixels.ts";
import type { Preview, TrainReply } from "./protocol.ts";

const COUNT = 4;
const SIDE = 96;
/** A clean patch that comes back unchanged would count as infinite; 60 dB is all that 8 bits show. */
const HIGHEST_PSNR = 60;

type Psnr = NonNullable<Extract<TrainReply, { kind: "progress" }>["psnr"]>;

export class HeldOut {
  #topology: UNetTopology;
  #patches: PatchBatch;
  #size: number;
  /** Number of the patch that is shown: the one that is damaged most. */
  #shown: number;

  private constructor(topology: UNetTopology, patches: PatchBatch, size: number) {
    this.#topology = topology;
    this.#patches = patches;
    this.#size = size;
    const damage = this.#psnrs(patches.input);
    this.#shown = damage.indexOf(Math.min(...damage));
  }

  static async draw(
    photos: PhotoSource,
    options: { indices: readonly number[]; recipe: Recipe; seed: number; topology: UNetTopology },
  ): Promise<HeldOut> {
    const multiple = sizeMultiple(options.topology);
    const size = Math.ceil(SIDE / multiple) * multiple;
    return new HeldOut(
      options.topology,
      await validationPatches(photos, { ...options, count: COUNT, size }),
      size,
    );
  }

  /** Restores all patches with these weights. */
  async measure(
    gpu: Gpu,
    parameters: ReadonlyMap<string, Float32Array>,
  ): Promise<{ psnr: Psnr; preview: Preview }> {
    using network = new GpuNetwork(gpu, this.#topology, parameters);
    const { input, target } = this.#patches;
    const restored = new Float32Array(input.length);
    for (let index = 0; index < COUNT; index++) {
      restored.set(
        await network.run(this.#patch(input, index), this.#size, this.#size),
        index * this.#length,
      );
    }
    const picture = (values: Float32Array) => rgbaOfPatch(this.#patch(values, this.#shown));
    return {
      psnr: { damaged: mean(this.#psnrs(input)), restored: mean(this.#psnrs(restored)) },
      preview: {
        size: this.#size,
        damaged: picture(input),
        restored: picture(restored),
        original: picture(target),
      },
    };
  }

  get #length(): number {
    return this.#size * this.#size * 3;
  }

  #patch(values: Float32Array, index: number): Float32Array {
    return values.slice(index * this.#length, (index + 1) * this.#length);
  }

  #psnrs(values: Float32Array): number[] {
    return Array.from({ length: COUNT }, (_, index) => {
      let squares = 0;
      for (let i = index * this.#length; i < (index + 1) * this.#length; i++) {
        squares += (Math.min(Math.max(values[i], 0), 1) - this.#patches.target[i]) ** 2;
      }
      return Math.min(-10 * Math.log10(squares / this.#length), HIGHEST_PSNR);
    });
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
