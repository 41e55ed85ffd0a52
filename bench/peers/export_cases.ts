/** Writes the comparisons' cases for other programs: which work, which networks, and what our kernels make of small inputs. */
import type { Gpu } from "../../src/gpu/device.ts";
import { modelInfo } from "../../src/nn/model_file.ts";
import { toPytorch } from "../../src/nn/pytorch.ts";
import { encodeTensors } from "../../src/nn/safetensors.ts";
import { UNet } from "../../src/nn/network.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { ADAM, convData, type OurCase, ourConvCases, unetData, unetModel } from "../our_cases.ts";
import type { Shape4, Shapes, TimedShape } from "../shapes.ts";

/** A case as cases.json lists it; its floating-point operations come from `ours`. */
interface ListedCase {
  readonly kind: "conv" | "unet";
  readonly name: string;
  readonly pass: string;
  readonly shape: Shape4;
  readonly flops: number;
  readonly outChannels?: number;
  /** File of the network. */
  readonly model?: string;
}

/** What is compared where sizes do not matter: with edges, and more than one image. */
const CHECK_CONV = [2, 12, 10] as const;
const CHECK_UNET: Shape4 = [2, 16, 16, 3];
const CHECK_STEPS = 3;

const passOf = (name: string) => name.slice(name.lastIndexOf(", ") + 2);
const modelFile = (widths: readonly number[]) => `unet-${widths.join("-")}.safetensors`;

/** The cases of one convolution, or of one U-Net, as cases.json lists them. */
export function listCases(
  ours: readonly Pick<OurCase, "name" | "flops">[],
  what: TimedShape,
): ListedCase[] {
  return ours.map(({ name, flops }) => ({
    ...{ name, flops, pass: passOf(name), shape: what.shape },
    ...("widths" in what
      ? { kind: "unet", model: modelFile(what.widths) }
      : { kind: "conv", outChannels: what.outChannels }),
  }));
}

/** Writes `cases.json`, the networks and the checks' values into a folder. */
export async function exportCases(
  gpu: Gpu,
  folder: string,
  { convs, unets }: Shapes,
  cases: readonly ListedCase[],
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const checks = [];
  for (const { shape: [, , , channels], outChannels } of convs) {
    const name = `conv-${channels}-${outChannels}`;
    await Deno.writeFile(`${folder}/${name}.safetensors`, await convCheck(gpu, channels, outChannels));
    checks.push({ kind: "conv", name: `3×3 ${channels}→${outChannels}`, file: `${name}.safetensors` });
  }
  for (const widths of new Map(unets.map((unet) => [unet.widths.join(), unet.widths])).values()) {
    const [model, file] = [modelFile(widths), `check-${modelFile(widths)}`];
    await Deno.writeFile(`${folder}/${model}`, toPytorch({ ...unetModel(widths), info: modelInfo() }));
    await Deno.writeFile(`${folder}/${file}`, await unetCheck(gpu, widths));
    checks.push({ kind: "unet", name: `U-Net ${widths.join("/")}`, file, model });
  }
  await Deno.writeTextFile(
    `${folder}/cases.json`,
    JSON.stringify({ adam: ADAM, checks, cases }, undefined, 2),
  );
}

async function convCheck(gpu: Gpu, channels: number, outChannels: number): Promise<Uint8Array<ArrayBuffer>> {
  const shape: Shape4 = [...CHECK_CONV, channels];
  const { x, w, b, dy, weightShape, outShape } = convData(shape, outChannels);
  using ours = await ourConvCases(gpu, shape, outChannels);
  const [y, dx, dw] = await Array.fromAsync(
    ours.cases,
    async ({ values }) => Float32Array.from(await values()),
  );
  return encode({
    x: [shape, x],
    w: [weightShape, w],
    b: [[outChannels], b],
    dy: [outShape, dy],
    y: [outShape, y],
    dx: [shape, dx],
    dw: [weightShape, dw],
  });
}

async function unetCheck(gpu: Gpu, widths: readonly number[]): Promise<Uint8Array<ArrayBuffer>> {
  const model = unetModel(widths);
  const { input, target } = unetData(CHECK_UNET);
  using network = new UNet(gpu, model);
  const output = await network.predict(input, CHECK_UNET);
  const [batch, patch] = CHECK_UNET;
  using trainer = await Trainer.create(gpu, { topology: model.topology, batch, patch, loss: "mse" });
  trainer.start(model.parameters);
  const losses = new Float32Array(CHECK_STEPS);
  for (let step = 1; step <= CHECK_STEPS; step++) {
    trainer.step({ input, target }, { ...ADAM, step });
    losses[step - 1] = (await trainer.look()).loss;
  }
  return encode({
    input: [CHECK_UNET, input],
    target: [CHECK_UNET, target],
    output: [CHECK_UNET, output],
    losses: [[CHECK_STEPS], losses],
  });
}

function encode(
  tensors: Readonly<Record<string, readonly [readonly number[], Float32Array]>>,
): Uint8Array<ArrayBuffer> {
  return encodeTensors({
    tensors: new Map(Object.entries(tensors).map(([name, [shape, data]]) => [name, { shape, data }])),
    metadata: {},
  });
}
