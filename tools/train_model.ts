/**
 * Trains a model as models/recipes.json says, stage after stage, each from the weights of the one before, and writes it in F16:
 * `deno task train:model NAME --data PHOTOS [--only LIST] [--out runs] [--minutes N] [--share X] [--rehearse]`. Run it again after it was
 * stopped, and it goes on. `--minutes` stops it as Ctrl-C does, with a checkpoint. `--share 0.1` does a tenth of each stage's steps, with
 * the learning rate falling to zero over those. `--rehearse` does a few steps of small patches in place of each stage, to see on a small
 * machine that everything is there.
 */
import { fileURLToPath } from "node:url";
import { modelConfig } from "../src/cli/options.ts";
import { UserError } from "../src/base/errors.ts";
import { writeFileAtomically } from "../src/base/write_file.ts";
import { loadModel } from "../src/nn/models.ts";
import { sizeMultiple } from "../src/nn/topology.ts";
import { convertModel } from "./convert_model.ts";
import { readArguments, refuse } from "./arguments.ts";
import { endsWithUs } from "./ends_with_us.ts";

/** Options of `clairnet train` that a stage gives, by their names. */
export type Stage = Readonly<Record<string, string | number>>;

export interface ModelRecipe {
  /** What the model is for. */
  readonly about: string;
  /** Its topology, as `--model-config` takes it. */
  readonly "model-config": string;
  readonly stages: readonly Stage[];
}

const RECIPES = new URL("../models/recipes.json", import.meta.url);

/** The recipes of a file, by the models' names. */
export async function readRecipes(file: URL | string = RECIPES): Promise<Record<string, ModelRecipe>> {
  return JSON.parse(await Deno.readTextFile(file));
}

/** The smallest patch that `clairnet train` takes. */
const SMALLEST_PATCH = 8;

/** Folder of a stage (from 0) of a model. */
const stageDir = (out: string, name: string, stage: number) => `${out}/${name}/stage${stage + 1}`;

const REHEARSED_STEPS = 4;

/** Steps of a stage (from 0). */
function stepsOf(
  recipe: ModelRecipe,
  stage: number,
  { share = 1, rehearse }: { share?: number; rehearse?: boolean },
): number {
  return rehearse ? REHEARSED_STEPS : Math.max(1, Math.round(Number(recipe.stages[stage].steps) * share));
}

/**
 * Arguments of `clairnet train` for a stage.
 * @param options `resume` where its checkpoint exists; `share` and `rehearse` shorten it.
 */
export function stageArguments(
  name: string,
  recipe: ModelRecipe,
  stage: number,
  options: {
    data: string;
    out: string;
    only?: string;
    about?: string;
    resume?: boolean;
    rehearse?: boolean;
    share?: number;
  },
): string[] {
  const { data, out, only, about, resume, rehearse, share = 1 } = options;
  const smallest = Math.max(SMALLEST_PATCH, 2 * sizeMultiple(modelConfig(recipe["model-config"])));
  const settings = {
    ...recipe.stages[stage],
    steps: stepsOf(recipe, stage, { share, rehearse }),
    ...(rehearse && { batch: 2, patch: smallest, "checkpoint-every": REHEARSED_STEPS }),
  };
  return [
    ...["train", "--data", data, "--out", stageDir(out, name, stage), "--name", name, "--license", "MIT"],
    ...(only ? ["--only", only] : []),
    ...(about ? ["--about-data", about] : []),
    ...(stage === 0
      ? ["--model-config", recipe["model-config"]]
      : ["--init", `${stageDir(out, name, stage - 1)}/model.safetensors`]),
    ...Object.entries(settings).flatMap(([option, value]) => [`--${option}`, String(value)]),
    ...(resume ? ["--resume"] : []),
  ];
}

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

/** The longest that a timer waits, milliseconds. */
const LONGEST = 2 ** 31 - 1;

/**
 * Runs the stages that are not done, for `minutes` at most.
 * @returns the exit code of the first that did not end well, or 0; a stop because the time is over is well.
 * @throws {UserError} where there is no such recipe, or a stage's folder holds a model of another number of steps: of a rehearsal, or another share.
 */
export async function trainModel(
  name: string,
  options: {
    data: string;
    out: string;
    only?: string;
    about?: string;
    rehearse?: boolean;
    share?: number;
    minutes?: number;
    recipes?: string;
  },
): Promise<number> {
  const started = performance.now();
  const recipes = await readRecipes(options.recipes);
  const recipe = recipes[name];
  if (recipe === undefined) {
    throw new UserError(`There is no recipe for ${name}; there are ${Object.keys(recipes).join(", ")}`, {
      exitCode: 2,
    });
  }
  const { out, minutes = Infinity } = options;
  for (let stage = 0; stage < recipe.stages.length; stage++) {
    const dir = stageDir(out, name, stage);
    if (await exists(`${dir}/model.safetensors`)) {
      const { info } = await loadModel(`${dir}/model.safetensors`);
      const steps = stepsOf(recipe, stage, options);
      if (info.steps === steps) continue;
      // A rehearsal must not pass for the model.
      throw new UserError(
        `${dir} holds a model of ${info.steps} steps, where ${steps} are asked for; choose another --out, or delete it`,
        { exitCode: 2 },
      );
    }
    const resume = await exists(`${dir}/checkpoint.safetensors`);
    const args = stageArguments(name, recipe, stage, { ...options, resume });
    console.error(`Stage ${stage + 1} of ${recipe.stages.length}: clairnet ${args.join(" ")}`);
    const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));
    const child = new Deno.Command(Deno.execPath(), { args: ["run", "-A", cli, ...args] }).spawn();
    let over = false;
    const stop = () => {
      over = true;
      child.kill("SIGINT");
    };
    const left = Math.max(0, minutes * 60_000 - (performance.now() - started));
    const timer = setTimeout(stop, Math.min(left, LONGEST));
    // As after `--minutes`, there is a checkpoint then.
    using _ends = endsWithUs(child, "SIGINT");
    const { code } = await child.status;
    clearTimeout(timer);
    if (over && code === 130) {
      console.error(`Stopped after ${minutes} minutes; the same command goes on from there.`);
      return 0;
    }
    if (code !== 0) return code;
  }
  const model = await loadModel(`${stageDir(out, name, recipe.stages.length - 1)}/model.safetensors`);
  const path = `${out}/${name}.safetensors`;
  await writeFileAtomically(path, convertModel(model, "F16"));
  console.error(`${path} is the model, in F16. Measure it: deno task scoreboard PATHS --models ${path}`);
  return 0;
}

/** @throws {UserError} where an option is not a number above 0. */
function above0(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new UserError(`${option} must be a number above 0, got ${text}`, { exitCode: 2 });
}

const USAGE =
  "deno task train:model NAME --data PHOTOS [--only LIST] [--about TEXT] [--out FOLDER] [--minutes N] [--share X] [--rehearse]";

if (import.meta.main) {
  const { positionals: [name], values } = readArguments(USAGE, {
    allowPositionals: true,
    options: {
      data: { type: "string" },
      out: { type: "string", default: "runs" },
      only: { type: "string" },
      about: { type: "string" },
      minutes: { type: "string" },
      share: { type: "string" },
      rehearse: { type: "boolean" },
    },
  });
  try {
    if (name === undefined || values.data === undefined) {
      refuse(USAGE);
    }
    Deno.exitCode = await trainModel(name, {
      ...values,
      data: values.data,
      minutes: above0("--minutes", values.minutes),
      share: above0("--share", values.share),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    Deno.exitCode = error.exitCode;
  }
}
