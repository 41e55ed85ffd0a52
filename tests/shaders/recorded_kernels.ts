/** Every kernel as it is really compiled: with its includes, its prelude and the constants that the ops give it. */
import type { Gpu } from "../../src/gpu/device.ts";
import type { Kernel, KernelTypes } from "../../src/gpu/kernel.ts";
import { probeCopy, probeFma } from "../../src/gpu/probe.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import type { ElementType } from "../../src/gpu/tensor.ts";
import { shaders } from "../../src/gpu/shaders.gen.ts";
import { hiddenWeights } from "../../src/nn/graph.ts";
import { type TopologyOptions, unetTopology } from "../../src/nn/topology.ts";
import { unet, unetParameters } from "../../src/nn/unet.ts";
import { adam } from "../../src/ops/adam.ts";
import { CONV_VARIANTS, type ConvVariant } from "../../src/ops/conv2d.ts";
import { unscaleGradients } from "../../src/ops/gradient_scale.ts";
import { loss, LOSS_KINDS, type LossKind } from "../../src/ops/loss.ts";
import { muon } from "../../src/ops/muon.ts";

/** A kernel with its constants and types. */
export interface KernelUse {
  readonly kernel: Kernel;
  readonly constants: Readonly<Record<string, number>>;
  readonly types: KernelTypes;
}

/** Topologies that between them use every op in every mode. */
const TOPOLOGIES: readonly TopologyOptions[] = [
  { base: 4, depth: 1, blocks: 1, activation: "relu", down: "max-pool", up: "nearest" },
  { base: 4, depth: 1, blocks: 1, activation: "leaky-relu", down: "max-pool", up: "bilinear" },
  { base: 4, depth: 1, blocks: 1, activation: "leaky-relu", down: "stride", up: "nearest" },
  { base: 4, depth: 1, blocks: 1, activation: "none", down: "stride", up: "bilinear", residual: false },
  // Three blocks: a sum that goes into another one.
  { base: 4, depth: 1, blocks: 3, activation: "relu", residualBlocks: true },
  { base: 4, depth: 1, blocks: 1, activation: "leaky-relu", scale: 2 },
  { base: 4, depth: 1, blocks: 1, corrects: "holes", filled: true },
  { base: 4, depth: 1, blocks: 1, unshuffle: 2 },
  // Wide enough for every tile of the matrix products, and for weights that no uniform binding holds.
  { base: 32, depth: 1, blocks: 2, activation: "leaky-relu" },
];

/** The distinct uses of kernels that training, and inference and training over f16, dispatch over `TOPOLOGIES`. */
export function recordedKernels(gpu: Gpu): KernelUse[] {
  const uses = new Map<string, KernelUse>();
  const note = ({ dispatches }: Recorder) => {
    for (const { kernel, constants, types } of dispatches) {
      const key = `${kernel.name} ${JSON.stringify(Object.entries({ ...constants, ...types }).sort())}`;
      uses.set(key, { kernel, constants, types });
    }
  };
  for (const options of TOPOLOGIES) {
    for (const variant of CONV_VARIANTS) {
      for (const kind of LOSS_KINDS) {
        for (const values of ["f32", "f16"] as const) {
          note(trainingStep(gpu, options, variant, { kind, values }));
        }
      }
      note(halfInference(gpu, options, variant));
    }
  }
  for (const kernel of [probeFma, probeCopy]) uses.set(kernel.name, { kernel, constants: {}, types: {} });
  return [...uses.values()];
}

/** Whether a use needs f16 of the adapter. */
export function usesHalf({ types }: KernelUse): boolean {
  return Object.values(types).includes("f16");
}

function halfInference(gpu: Gpu, options: TopologyOptions, variant: ConvVariant): Recorder {
  const topology = unetTopology(options);
  using parameters = unetParameters(gpu, topology, "f16");
  const rec = new Recorder({ training: false });
  unet(rec, rec.input("x", [1, 8, 8, 3]), topology, parameters, { variant });
  return rec;
}

function trainingStep(
  gpu: Gpu,
  options: TopologyOptions,
  variant: ConvVariant,
  { kind, values }: { kind: LossKind; values: ElementType },
): Recorder {
  const topology = unetTopology(options);
  using parameters = unetParameters(gpu, topology);
  const rec = new Recorder({ training: true });
  const x = rec.input("x", [1, 8, 8, 3]);
  const y = unet(rec, x, topology, parameters, { variant, values });
  const target = rec.input("target", y.shape);
  loss(rec, y, target, kind);
  const weights = rec.scalars("weights", 1);
  loss(rec, y, target, kind, { weights });
  loss(rec, y, target, kind, { colourWeight: 1 });
  loss(rec, y, target, kind, { weights, colourWeight: 1 });
  loss(rec, y, target, kind, { chromaWeight: 1 });
  loss(rec, y, target, kind, { weights, colourWeight: 1, chromaWeight: 1 });
  rec.backward();
  unscaleGradients(rec, parameters, 2);
  adam(rec, parameters);
  for (const products of ["registers", "subgroups"] as const) {
    muon(rec, parameters, hiddenWeights(topology), `muon by ${products}`, products);
  }
  return rec;
}

/** Shaders that no use compiles, neither as a kernel nor as an include. */
export function unusedShaders(uses: readonly KernelUse[]): string[] {
  const used = new Set(uses.flatMap(({ kernel }) => [kernel.name, ...kernel.includes ?? []]));
  return Object.keys(shaders).filter((name) => !used.has(name as keyof typeof shaders));
}
