/** The form that says what to train. */
import { parseRecipe, recipePresets } from "../../src/degrade/recipe.ts";
import type { TrainingRequest } from "../worker/protocol.ts";
import { byId, counted, option } from "./dom.ts";
import { isPhoto, onDrop } from "./intake.ts";
import type { ModelList } from "./models.ts";

/** Damages that people know by name, as recipes. */
const PRESETS: readonly { readonly label: string; readonly recipe: string }[] = [
  { label: "A bit of everything", recipe: recipePresets.photo },
  { label: "Blur", recipe: "blur:0.5-2" },
  { label: "Noise", recipe: "gaussian:5-40" },
  { label: "Black and white specks", recipe: "salt-pepper:0.005-0.03" },
  { label: "JPEG artefacts", recipe: "jpeg:15-80" },
  { label: "Scans: slight blur, then specks", recipe: "blur:0.5-1.5,salt-pepper:0.002-0.02" },
];
const OWN = "own";
const FRESH = "fresh";
/** Peak learning rates that do for a fresh network and for one that is trained already. */
const RATES = { fresh: "0.001", further: "0.0003" };

export class TrainForm {
  readonly #models: ModelList;
  readonly #recipe = byId<HTMLInputElement>("recipe");
  readonly #preset = byId<HTMLSelectElement>("preset");
  readonly #init = byId<HTMLSelectElement>("init");
  #files: File[] = [];

  constructor(models: ModelList) {
    this.#models = models;
    this.#preset.replaceChildren(
      ...PRESETS.map(({ label, recipe }) => option(recipe, label)),
      option(OWN, "Something else: write a recipe"),
    );
    this.#preset.addEventListener("change", () => this.#takePreset());
    this.#recipe.addEventListener("input", () => this.#checkRecipe());
    this.#takePreset();
    this.#init.addEventListener("change", () => this.#takeInit());
    models.addEventListener("change", () => this.#listInit());
    this.#listInit();
    for (const [button, input] of [["choose-folder", "folder-input"], ["choose-files", "files-input"]]) {
      const chooser = byId<HTMLInputElement>(input);
      byId(button).addEventListener("click", () => chooser.click());
      chooser.addEventListener("change", () => {
        this.take([...chooser.files ?? []]);
        chooser.value = "";
      });
    }
    const slot = byId("train-drop");
    onDrop(slot, (files) => this.take(files), (over) => slot.classList.toggle("over", over));
  }

  /** Takes photos to train on, in place of those before. */
  take(files: readonly File[]): void {
    const photos = files.filter(isPhoto);
    if (photos.length > 0) this.#files = photos;
    byId("train-photos").textContent = photos.length === 0 && files.length > 0
      ? "There is no photo among these files."
      : `${counted(this.#files.length, "photo")} chosen.`;
  }

  /** What the form says. @throws {Error} in one line where something in it is missing or wrong. */
  read(): TrainingRequest {
    if (this.#files.length === 0) throw new Error("Choose photos first: a folder, or some files.");
    const recipe = recipeOf(this.#recipe.value);
    const number = (id: string, name: string) => {
      const input = byId<HTMLInputElement>(id);
      if (!input.checkValidity() || input.value === "") {
        throw new Error(`${name} must be a number from ${input.min} to ${input.max}${stepText(input)}.`);
      }
      return input.valueAsNumber;
    };
    const steps = number("steps", "Steps");
    return {
      files: this.#files,
      recipe,
      steps,
      batch: number("batch", "Patches a step"),
      patch: number("patch", "Patch side"),
      learningRate: number("rate", "The learning rate"),
      base: number("base", "The width"),
      depth: number("depth", "Halvings"),
      seed: number("seed", "The seed"),
      lookEvery: Math.min(10, Math.max(1, Math.floor(steps / 10))),
      init: this.#models.choices.find(({ source }) => source.key === this.#init.value)?.source,
    };
  }

  /** Makes the form wait while a training runs. */
  set disabled(disabled: boolean) {
    for (const control of byId<HTMLFormElement>("train-form").elements) {
      if (control.id !== "stop") (control as HTMLInputElement).disabled = disabled;
    }
    if (!disabled) this.#takeInit();
  }

  #takePreset(): void {
    const own = this.#preset.value === OWN;
    if (own) this.#recipe.focus();
    else this.#recipe.value = this.#preset.value;
    this.#recipe.readOnly = !own;
    this.#checkRecipe();
  }

  #checkRecipe(): void {
    let help =
      "Drawn anew for each patch. Steps: blur, gaussian, gaussian-grey, grain, camera, salt-pepper, salt-pepper-channels, filled, jpeg, downscale.";
    let wrong = false;
    try {
      recipeOf(this.#recipe.value);
    } catch (error) {
      [help, wrong] = [(error as Error).message, true];
    }
    byId("recipe-help").textContent = help;
    byId("recipe-help").classList.toggle("error", wrong);
    this.#recipe.setAttribute("aria-invalid", String(wrong));
  }

  #listInit(): void {
    const chosen = this.#init.value;
    // A network that enlarges is not trained on patches that keep their size.
    const usable = this.#models.choices.filter(({ scale }) => scale === 1);
    this.#init.replaceChildren(
      option(FRESH, "Fresh network"),
      ...usable.map(({ source }) => option(source.key, `The model ${source.name}`)),
    );
    this.#init.value = chosen || FRESH;
    if (!this.#init.value) this.#init.value = FRESH;
  }

  #takeInit(): void {
    const fresh = this.#init.value === FRESH;
    for (const id of ["base", "depth"]) byId<HTMLInputElement>(id).disabled = !fresh;
    const rate = byId<HTMLInputElement>("rate");
    // A rate that a person wrote stays.
    if (Object.values(RATES).includes(rate.value)) rate.value = fresh ? RATES.fresh : RATES.further;
  }
}

/** A recipe spelled out. @throws {Error} in one line where it is wrong, or not for the networks that are trained here. */
function recipeOf(text: string): string {
  const recipe = parseRecipe(text);
  if (recipe.scale === 1) return recipe.text;
  throw new Error(
    "What is trained here keeps a photo's size: leave shrink out of the recipe. The command line trains networks that enlarge.",
  );
}

function stepText(input: HTMLInputElement): string {
  const step = Number(input.step);
  return step > 1 ? `, in steps of ${step}` : "";
}
