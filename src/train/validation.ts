/** Measures a training on patches of the photos that are held out. */
import { jpegThroughSharp } from "../degrade/jpeg_sharp.ts";
import { type PatchBatch, validationPatches } from "../data/patches.ts";
import { sizeMultiple } from "../nn/topology.ts";
import { damagedPsnr } from "./held_out.ts";
import type { TrainOptions } from "./train_options.ts";
import type { Trainer } from "./trainer.ts";

/** How many patches, and their side in pixels of the clean photo, which is rounded up to what the network takes. */
const COUNT = 16;
const SIZE = 128;

/** Patches of held-out photos, drawn and damaged at the first measurement, and the same ever after. */
export class Validation {
  readonly #options: TrainOptions;
  readonly #indices: readonly number[];
  #patches: PatchBatch | undefined;
  #damaged: number | undefined;

  /** @param indices of the photos that are held out; none means that nothing is measured. */
  constructor(options: TrainOptions, indices: readonly number[]) {
    this.#options = options;
    this.#indices = indices;
  }

  /** Mean PSNR before restoration, dB; undefined as long as nothing was measured, and where the model enlarges. */
  get damaged(): number | undefined {
    return this.#damaged;
  }

  /** Mean PSNR of what the averaged weights make of the patches, dB; undefined where there are none. */
  async psnr(trainer: Trainer): Promise<number | undefined> {
    if (this.#indices.length === 0) return undefined;
    const { topology, source, seed, recipe, onto } = this.#options;
    const multiple = sizeMultiple(topology);
    const size = Math.ceil(SIZE / topology.scale / multiple) * multiple;
    this.#patches ??= await validationPatches(source, {
      ...{ count: COUNT, size, seed, indices: this.#indices, recipe, jpeg: jpegThroughSharp, onto },
    });
    if (topology.scale === 1) this.#damaged ??= damagedPsnr(this.#patches, COUNT);
    return await trainer.validate(this.#patches, size);
  }
}
