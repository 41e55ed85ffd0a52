/** Models to choose from: those beside the page, files that a person opened, and what was trained here. */
import { modelChain } from "../../src/enhance/model_chain.ts";
import { MODEL_PURPOSES } from "../../src/nn/shipped.ts";
import type { ModelSummary } from "../../src/serve/site.ts";
import type { ModelSource } from "../worker/protocol.ts";

export interface ModelChoice {
  readonly source: ModelSource;
  readonly label: string;
  /** One line about it. */
  readonly about: string;
  /** By how much it enlarges. */
  readonly scale: number;
}

export class ModelList extends EventTarget {
  #choices: ModelChoice[] = [];
  readonly #shipped = new Map<string, ModelSource>();

  get choices(): readonly ModelChoice[] {
    return this.#choices;
  }

  /** Whether a model of this name lies beside the page. */
  has(name: string): boolean {
    return this.#shipped.has(name);
  }

  /** Reads the list beside the page. @throws {Error} where it cannot be read. */
  async load(): Promise<void> {
    const response = await fetch(new URL("models.json", document.baseURI));
    if (!response.ok) throw new Error(`the list of models cannot be read (${response.status})`);
    const summaries: ModelSummary[] = await response.json();
    for (const { name, path, bytes, steps, scale } of summaries) {
      const url = new URL(path, document.baseURI).href;
      const about = `${(bytes / 2 ** 20).toFixed(1)} MB; ${
        MODEL_PURPOSES[name] ?? `trained for ${steps.toLocaleString("en")} steps`
      }`;
      const source = { key: url, name, url };
      this.#shipped.set(name, source);
      const choice = { source, label: labelOf(name, scale), about, scale };
      // `photo` is what the command line takes as well where nothing is said.
      if (name === "photo") this.#choices.unshift(choice);
      else this.#choices.push(choice);
    }
    this.#changed();
  }

  /**
   * Models that a photo goes through where this one is chosen, and an enlargement.
   * @param scale 1, 2 or 4; undefined leaves it to the model.
   * @returns undefined where no model enlarges so much.
   */
  chain(choice: ModelChoice, scale: number | undefined): readonly ModelSource[] | undefined {
    const first = { name: choice.source.key, scale: choice.scale };
    return modelChain([first], scale, [...this.#shipped.keys()])?.map((name) =>
      name === first.name ? choice.source : this.#shipped.get(name)!
    );
  }

  /** Adds a model from a file. */
  add(name: string, bytes: Uint8Array, about: string): ModelChoice {
    const source = { key: `${name} ${crypto.randomUUID()}`, name, bytes };
    const choice = { source, label: name, about, scale: scaleOf(bytes) };
    this.#choices.push(choice);
    this.#changed();
    return choice;
  }

  #changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}

function labelOf(name: string, scale: number): string {
  if (name === `upscale${scale}x`) return `Enlarge only, ×${scale} (${name})`;
  return name === "photo" ? "Photo: blur, noise, specks, JPEG" : name;
}

/** By how much the model in a file enlarges, as its header says. 1 where that cannot be read: the worker says what is wrong with it. */
function scaleOf(bytes: Uint8Array): number {
  try {
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    return Number(JSON.parse(header.__metadata__.topology).scale) || 1;
  } catch {
    return 1;
  }
}
