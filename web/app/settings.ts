/** The panel's choices: model, size, strength, and where the network runs. */
import { byId, option } from "./dom.ts";
import type { Where } from "./engine.ts";
import type { ModelChoice, ModelList } from "./models.ts";

const OPEN_FILE = "open a file";

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

  constructor(models: ModelList, where: Where, gpuAvailable: boolean, events: SettingsEvents) {
    this.#models = models;
    this.#events = events;
    this.#where.value = where;
    this.#where.querySelector<HTMLOptionElement>('[value="gpu"]')!.disabled = !gpuAvailable;
    models.addEventListener("change", () => this.#list());
    this.#list();
    this.#model.addEventListener("change", () => this.#pick());
    this.#scale.addEventListener("change", () => {
      this.#list();
      this.#choose(this.#fitting()[0]);
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

  /** The model to restore with; undefined where none is shipped and none was opened. */
  get model(): ModelChoice | undefined {
    return this.#chosen;
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
    this.#scale.value = String(choice.scale);
    this.#list();
    this.#choose(choice);
  }

  #fitting(): ModelChoice[] {
    const scale = Number(this.#scale.value || 1);
    return this.#models.choices.filter((choice) => choice.scale === scale);
  }

  #list(): void {
    const scales = [...new Set(this.#models.choices.map(({ scale }) => scale))].sort((a, b) => a - b);
    const scale = this.#scale.value || String(scales[0] ?? 1);
    this.#scale.replaceChildren(
      ...scales.map((each) =>
        option(String(each), each === 1 ? "As it is" : `${each} times as wide and high`)
      ),
    );
    this.#scale.value = scale;
    byId("scale-field").hidden = scales.length < 2;
    const fitting = this.#fitting();
    if (!this.#chosen || !fitting.includes(this.#chosen)) this.#chosen = fitting[0];
    this.#model.replaceChildren(
      ...fitting.map(({ source, label }) => option(source.key, label)),
      option(OPEN_FILE, "Open a model file…"),
    );
    this.#model.value = this.#chosen?.source.key ?? OPEN_FILE;
    byId("model-note").textContent = this.#chosen?.about ?? "";
  }

  #pick(): void {
    if (this.#model.value === OPEN_FILE) {
      this.#list(); // shows the model at hand again, until a file is chosen
      byId<HTMLInputElement>("model-input").click();
    } else this.#choose(this.#fitting().find(({ source }) => source.key === this.#model.value));
  }

  #choose(choice: ModelChoice | undefined): void {
    if (!choice) return;
    this.#chosen = choice;
    this.#list();
    this.#events.onModel();
  }
}
