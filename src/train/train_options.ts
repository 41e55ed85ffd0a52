/** What a training run is given, what it tells meanwhile, and what it gives. */
import type { PhotoSource, PhotoSplit } from "../data/photo_source.ts";
import type { Recipe } from "../degrade/recipe.ts";
import type { Gpu } from "../gpu/device.ts";
import type { ModelInfo } from "../nn/model_file.ts";
import type { UNetTopology } from "../nn/topology.ts";
import type { LossKind } from "../ops/loss.ts";
import type { Optimiser } from "./optimiser.ts";

/** What a training run is given. */
export interface TrainOptions {
  /** Where it runs. */
  readonly gpu: Gpu;
  /** Photos to train on; `recipe` may be left out where they are pairs. */
  readonly source: PhotoSource;
  /** Damage to learn to undo. */
  readonly recipe?: Recipe;
  /** The side of pairs that the recipe damages, see `PatchOptions.onto`. */
  readonly onto?: "high" | "low";
  /** Folder for checkpoint.safetensors, model.safetensors, history.csv and history.svg. */
  readonly out: string;
  /** What the network looks like. */
  readonly topology: UNetTopology;
  /** Optimiser steps in all, those before a resume included; at least 1. */
  readonly steps: number;
  /** Patches a step. */
  readonly batch: number;
  /** Side of a patch in pixels, a multiple of unshuffle · 2^depth. */
  readonly patch: number;
  /** Peak learning rate. */
  readonly learningRate: number;
  /** What is minimised. */
  readonly loss: LossKind;
  /** Seed of weights, patches and damage, a whole number from 0 on. */
  readonly seed: number;
  /** Keeps strongly damaged patches from outweighing the others, 0..1, see `TrainerOptions.balance`; 0 by default. */
  readonly balance?: number;
  /** Weight of the colour term in the loss, 0 (none) by default, see `TrainerOptions.colourWeight`. */
  readonly colourWeight?: number;
  /** Weight of the chroma term in the loss, 0 (none) by default, see `TrainerOptions.chromaWeight`. */
  readonly chromaWeight?: number;
  /** What makes steps of gradients, `adam` by default, see `TrainerOptions.optimiser`. */
  readonly optimiser?: Optimiser;
  /** How values and gradients between the layers are stored, `f32` by default, see `TrainerOptions.precision`. */
  readonly precision?: "f32" | "f16";
  /** Decoupled weight decay, 0 by default. */
  readonly decay?: number;
  /** Share of the photos held out for validation, 0.05 by default. */
  readonly heldOut?: number;
  /** Which photos are held out, where the data set says so itself, in place of `heldOut`. */
  readonly split?: PhotoSplit;
  /** Parameters to start from, in place of fresh ones. */
  readonly init?: ReadonlyMap<string, Float32Array>;
  /** Go on from the checkpoint in `out`. */
  readonly resume?: boolean;
  /** Steps between looks at the loss; 20 by default. */
  readonly lookEvery?: number;
  /** Steps between checkpoints, each with a validation; 500 by default. */
  readonly checkpointEvery?: number;
  /** Written into the model file; its recipe is that of the pairs, where `recipe` is left out. */
  readonly info?: Partial<ModelInfo>;
  /** Called at each look at the loss. */
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Aborted: the run saves a checkpoint and ends. */
  readonly signal?: AbortSignal;
}

/** How far a run has come. */
export interface TrainProgress {
  /** Steps done. */
  readonly step: number;
  /** Optimiser steps in all, those before a resume included. */
  readonly steps: number;
  /** Mean loss since the last look. */
  readonly loss: number;
  /** Latest PSNR on the held-out part, dB. */
  readonly psnr?: number;
  /** Mean speed since this process began. */
  readonly stepsPerSecond: number;
  /** At that speed. */
  readonly secondsLeft: number;
}

/** How a run ended. */
export interface TrainResult {
  /** `done`, or `stopped` by the signal: with a checkpoint of `step`, unless that is 0. */
  readonly status: "done" | "stopped";
  /** Steps done. */
  readonly step: number;
  /** PSNR on the held-out part, dB, where there is one. */
  readonly psnr?: number;
  /** The same before restoration, for comparison, where the model does not enlarge; absent where this process measured nothing. */
  readonly damaged?: number;
  /** Where the model is, once the run is done. */
  readonly modelPath: string;
  /** Where the checkpoint is. */
  readonly checkpointPath: string;
}
