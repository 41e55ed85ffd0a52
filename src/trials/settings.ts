/** What the four trials are, and how much work each preset puts into them. */
import { recipePresets } from "../degrade/recipe.ts";
import { type UNetTopology, unetTopology } from "../nn/topology.ts";

/** One trial: a network of its own, trained on damage of its own. */
export interface TrialDefinition {
  /** 1..4. */
  readonly number: number;
  /** A few words for tables and plots. */
  readonly title: string;
  /** What is done to the low side, on top of what it has already; a recipe as `parseRecipe` reads it. */
  readonly recipe: string;
  /** True: the network predicts a correction. False: it has to predict the whole picture. */
  readonly residual: boolean;
  /** Length of the schedule relative to the other trials. */
  readonly length: number;
}

/** Trials 1 to 3 repeat a student's experiments with a U-Net whose output is the picture itself; the fourth mends the third with milder and mixed damage, a residual output and twice the steps. */
export const TRIALS: readonly TrialDefinition[] = [
  { number: 1, title: "no added damage", recipe: recipePresets.trial1, residual: false, length: 1 },
  { number: 2, title: "blur", recipe: recipePresets.trial2, residual: false, length: 1 },
  {
    number: 3,
    title: "specks, then stronger blur",
    recipe: recipePresets.trial3,
    residual: false,
    length: 1,
  },
  {
    number: 4,
    title: "the third, mended",
    recipe: recipePresets.trial4,
    residual: true,
    length: 2,
  },
];

export type PresetName = "cpu" | "gpu";

/** How much work is done. */
export interface Preset {
  readonly name: PresetName;
  /** Feature channels of each scale of the U-Net. */
  readonly widths: readonly number[];
  /** Optimiser steps of trials 1 to 3. */
  readonly steps: number;
  /** Patches a step, and their side in pixels. */
  readonly batch: number;
  readonly patch: number;
  /** Peak learning rate. */
  readonly learningRate: number;
  /** Photos to test on, at most, and the side of the square cut from the middle of each. */
  readonly testPhotos: number;
  readonly testSize: number;
  /** Patches that the methods without a network remember. */
  readonly patches: number;
}

/** `cpu` is made for a software adapter on two cores, `gpu` for a real one. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  cpu: {
    name: "cpu",
    widths: [16, 24, 32, 48],
    steps: 1000,
    batch: 4,
    patch: 64,
    learningRate: 2e-3,
    testPhotos: 12,
    testSize: 160,
    patches: 1500,
  },
  gpu: {
    name: "gpu",
    widths: [32, 64, 96, 128],
    steps: 10_000,
    batch: 16,
    patch: 128,
    learningRate: 1e-3,
    testPhotos: 24,
    testSize: 256,
    patches: 3000,
  },
};

/** Looks at the held-out photos during a trial: points of its curve. */
export const VALIDATIONS = 8;

/** Steps of a trial. */
export function stepsOf({ length }: TrialDefinition, { steps }: Pick<Preset, "steps">): number {
  return steps * length;
}

/** The U-Net of a trial: the same small one for all, but for what its output stands for. */
export function topologyOf({ residual }: TrialDefinition, { widths }: Pick<Preset, "widths">): UNetTopology {
  return unetTopology({ widths: [...widths], residual });
}
