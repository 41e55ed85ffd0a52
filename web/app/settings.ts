/** The panel's choices: model, size, strength, and where the network runs. */
import { chainForJpeg } from "../../src/enhance/model_chain.ts";
import { byId, option } from "./dom.ts";
import type { Where } from "./engine.ts";
import type { ModelChoice, ModelList } from "./models.ts";
import type { ModelSource } from "../worker/protocol.ts";

const OPEN_FILE = "open a file";
const SCALES = [1, 2, 4] as const;

export interface SettingsEvents {
  onModel(): void;
  onStrength(): void;
  onWhere(where: Where): void;
}

export class Settings {
  readonly #models: ModelList;
  readonly #model = byId<HTMLSelectElement>("model");
  readonly #scale = byId<HTMLSelectElement>("scale");
  readonly #strength = byId<HTMLInputElement>("strength");
  readonly #where = byId<HTMLSelectElement>("where");
  readonly #events: SettingsEvents;
  #chosen: ModelChoice | undefined;
  /** The size that a person chose; until then it is the model's own. */
  #wanted: number | undefined;

  constructor(models: ModelList, where: Where, gpuAvailable: boolean, events: SettingsEvents) {
    this.#models = models;
    this.#events = events;
    this.#where.value = where;
    this.#where.querySelector<HTMLOptionElement>('[value="gpu"]')!.disabled = !gpuAvailable;
    models.addEventListener("change", () => this.#list());
    this.#list();
    this.#model.addEventListener("change", () => this.#pick());
    this.#scale.addEventListener("change", () => {
      this.#wanted = Number(this.#scale.value);
      this.#choose(this.#chosen);
    });
    this.#strength.addEventListener("input", () => {
      byId("strength-value").textContent = `${this.#strength.value} %`;
      events.onStrength();
    });
    this.#where.addEventListener("change", () => events.onWhere(this.#where.value as Where));
    const input = byId<HTMLInputElement>("model-input");
    input.addEventListener("change", async () => {
      const file = input.files?.[0];
      input.value = "";
      if (file) await this.open(file);
    });
    input.addEventListener("cancel", () => this.#list());
  }

  /** The models that a photo goes through, in order; undefined where none is shipped and none was opened. */
  get models(): readonly ModelSource[] | undefined {
    return this.#chosen && this.#models.chain(this.#chosen, this.#size);
  }

  /** Whether the model `jpeg` is there and does more about strong compression than those that are chosen. */
  get hasBetterForJpeg(): boolean {
    // Those from files may be called anything.
    const names = this.models?.map(({ name, url }) => url === undefined ? "" : name);
    return names !== undefined && chainForJpeg(names) !== undefined && this.#models.has("jpeg");
  }

  /** 0..1. */
  get strength(): number {
    return this.#strength.valueAsNumber / 100;
  }

  /** Adds a model file and takes it. */
  async open(file: File): Promise<void> {
    this.take(this.#models.add(file.name, new Uint8Array(await file.arrayBuffer()), "Opened from a file"));
  }

  /** Takes a model of the list. */
  take(choice: ModelChoice): void {
    this.#choose(choice);
  }

  /** The size that the chosen model is used for: what was asked for, or its own where it does not do that. */
  get #size(): number | undefined {
    return this.#chosen && this.#models.chain(this.#chosen, this.#wanted) ? this.#wanted : undefined;
  }

  #list(): void {
    const { choices } = this.#models;
    if (!this.#chosen || !choices.includes(this.#chosen)) this.#chosen = choices[0];
    const chosen = this.#chosen;
    this.#model.replaceChildren(
      ...choices.map(({ source, label }) => option(source.key, label)),
      option(OPEN_FILE, "Open a model file…"),
    );
    this.#model.value = chosen?.source.key ?? OPEN_FILE;
    const scales = SCALES.filter((scale) => chosen && this.#models.chain(chosen, scale));
    this.#scale.replaceChildren(...scales.map((scale) => option(String(scale), sizeText(scale))));
    this.#scale.value = String(this.#size ?? chosen?.scale);
    byId("scale-field").hidden = scales.length < 2;
    const after = this.models?.slice(1).map(({ name }) => name) ?? [];
    const rest = after.length > 0 ? `; then ${after.join(", then ")}` : "";
    byId("model-note").textContent = `${chosen?.about ?? ""}${rest}`;
  }

  #pick(): void {
    if (this.#model.value === OPEN_FILE) {
      this.#list(); // shows the model at hand again, until a file is chosen
      byId<HTMLInputElement>("model-input").click();
    } else this.#choose(this.#models.choices.find(({ source }) => source.key === this.#model.value));
  }

  #choose(choice: ModelChoice | undefined): void {
    if (!choice) return;
    this.#chosen = choice;
    this.#list();
    this.#events.onModel();
  }
}

function sizeText(scale: number): string {
  return scale === 1 ? "As it is" : `${scale} times as wide and high`;
}
