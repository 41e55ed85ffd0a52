/** Models to choose from: those beside the page, files that a person opened, and what was trained here. */
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

  get choices(): readonly ModelChoice[] {
    return this.#choices;
  }

  /** Reads the list beside the page. @throws {Error} where it cannot be read. */
  async load(): Promise<void> {
    const response = await fetch(new URL("models.json", document.baseURI));
    if (!response.ok) throw new Error(`the list of models cannot be read (${response.status})`);
    const summaries: ModelSummary[] = await response.json();
    for (const { name, path, bytes, steps, scale } of summaries) {
      const url = new URL(path, document.baseURI).href;
      const about = `${(bytes / 2 ** 20).toFixed(1)} MB, trained for ${steps.toLocaleString("en")} steps`;
      const choice = { source: { key: url, name, url }, label: labelOf(name), about, scale };
      // `photo` is what the command line takes as well where nothing is said.
      if (name === "photo") this.#choices.unshift(choice);
      else this.#choices.push(choice);
    }
    this.#changed();
  }

  /** Adds a model from a file. */
  add(name: string, bytes: Uint8Array, about: string): ModelChoice {
    const source = { key: `${name} ${crypto.randomUUID()}`, name, bytes };
    const choice = { source, label: name, about, scale: 1 };
    this.#choices.push(choice);
    this.#changed();
    return choice;
  }

  #changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}

function labelOf(name: string): string {
  return name === "photo" ? "Photo: blur, noise, specks, JPEG" : name;
}
