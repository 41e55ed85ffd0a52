/** Every kernel as it is really compiled: with its includes, its prelude and the constants that the ops give it. */
import type { Gpu } from "../../src/gpu/device.ts";
import type { Kernel } from "../../src/gpu/kernel.ts";
import { probeCopy, probeFma } from "../../src/gpu/probe.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { shaders } from "../../src/gpu/shaders.gen.ts";
import { type TopologyOptions, unetTopology } from "../../src/nn/topology.ts";
import { unet, unetParameters } from "../../src/nn/unet.ts";
import { adam } from "../../src/ops/adam.ts";
import { CONV_VARIANTS, type ConvVariant } from "../../src/ops/conv2d.ts";
import { loss, LOSS_KINDS } from "../../src/ops/loss.ts";

/** A kernel with its constants. */
export interface KernelUse {
  readonly kernel: Kernel;
  readonly constants: Readonly<Record<string, number>>;
}

/** Topologies that between them use every op in every mode. */
const TOPOLOGIES: readonly TopologyOptions[] = [
  { base: 4, depth: 1, blocks: 1, activation: "relu", down: "max-pool", up: "nearest" },
  { base: 4, depth: 1, blocks: 1, activation: "leaky-relu", down: "max-pool", up: "bilinear" },
  { base: 4, depth: 1, blocks: 1, activation: "leaky-relu", down: "stride", up: "nearest" },
  { base: 4, depth: 1, blocks: 1, activation: "none", down: "stride", up: "bilinear", residual: false },
  { base: 4, depth: 1, blocks: 2, activation: "relu", residualBlocks: true },
  { base: 4, depth: 1, blocks: 1, activation: "leaky-relu", scale: 2 },
  { base: 4, depth: 1, blocks: 1, corrects: "extremes" },
  // Wide enough for every tile of the matrix products.
  { base: 24, depth: 1, blocks: 1, activation: "leaky-relu" },
];

/** The distinct pairs of kernel and constants that training and inference dispatch over `TOPOLOGIES`. */
export function recordedKernels(gpu: Gpu): KernelUse[] {
  const uses = new Map<string, KernelUse>();
  for (const options of TOPOLOGIES) {
    for (const variant of CONV_VARIANTS) {
      for (const kind of LOSS_KINDS) {
        for (const { kernel, constants } of trainingStep(gpu, options, variant, kind).dispatches) {
          uses.set(`${kernel.name} ${JSON.stringify(Object.entries(constants).sort())}`, {
            kernel,
            constants,
          });
        }
      }
    }
  }
  for (const kernel of [probeFma, probeCopy]) uses.set(kernel.name, { kernel, constants: {} });
  return [...uses.values()];
}

function trainingStep(
  gpu: Gpu,
  options: TopologyOptions,
  variant: ConvVariant,
  kind: typeof LOSS_KINDS[number],
): Recorder {
  const topology = unetTopology(options);
  using parameters = unetParameters(gpu, topology);
  const rec = new Recorder({ training: true });
  const x = rec.input("x", [1, 8, 8, 3]);
  const y = unet(rec, x, topology, parameters, { variant });
  const target = rec.input("target", y.shape);
  loss(rec, y, target, kind);
  const weights = rec.scalars("weights", 1);
  loss(rec, y, target, kind, { weights });
  loss(rec, y, target, kind, { colourWeight: 1 });
  loss(rec, y, target, kind, { weights, colourWeight: 1 });
  rec.backward();
  adam(rec, parameters);
  return rec;
}

/** Shaders that no use compiles, neither as a kernel nor as an include. */
export function unusedShaders(uses: readonly KernelUse[]): string[] {
  const used = new Set(uses.flatMap(({ kernel }) => [kernel.name, ...kernel.includes ?? []]));
  return Object.keys(shaders).filter((name) => !used.has(name as keyof typeof shaders));
}
