import { fileURLToPath } from "node:url";
import { modelInfo } from "../../src/nn/model_file.ts";
import { toPytorch } from "../../src/nn/pytorch.ts";
import { type TopologyOptions, unetTopology } from "../../src/nn/topology.ts";
import { tensor64 } from "../../src/reference/tensor64.ts";
import { unet } from "../../src/reference/unet.ts";
import { assertAllClose, assertEquals } from "../assert.ts";
import { pictureValues, unetParameters } from "../cases/unet.ts";
import { withFolder } from "../data/photos.ts";
import { succeeds } from "../succeeds.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** A Python that has PyTorch, if there is one: the first of PATH, or the system's. */
async function findPytorch(): Promise<string | undefined> {
  for (const python of ["python3", "/usr/bin/python3"]) {
    if (await succeeds(python, ["-c", "import torch, numpy"])) return python;
  }
}

const python = await findPytorch();

const cases: TopologyOptions[] = [
  { base: 4, depth: 2, blocks: 2 },
  { base: 3, depth: 1, blocks: 1, down: "stride", up: "bilinear", activation: "relu", residual: false },
  { widths: [3, 5, 4], encoderBlocks: [1, 2, 3], decoderBlocks: [2, 1], residualBlocks: false },
  { base: 4, depth: 1, blocks: 1, scale: 2 },
  { base: 4, depth: 1, blocks: 2, scale: 4, up: "bilinear" },
  { base: 4, depth: 2, blocks: 1, scale: 2, residual: false },
  { base: 4, depth: 1, blocks: 2, corrects: "extremes" },
  { base: 4, depth: 1, blocks: 1, corrects: "holes", filled: true },
  { base: 4, depth: 1, blocks: 1, filled: true },
  { base: 4, depth: 1, blocks: 1, unshuffle: 2 },
  { base: 4, depth: 0, blocks: 2, unshuffle: 4, corrects: "holes", filled: true },
];

Deno.test({
  name: "docs/pytorch_unet.py gives what our float64 reference gives",
  ignore: python === undefined,
  fn: () =>
    withFolder(async (dir) => {
      const [height, width] = [16, 12];
      const expected: Float64Array[] = [];
      for (const [index, options] of cases.entries()) {
        const topology = unetTopology(options);
        const parameters = unetParameters(topology, 420 + index);
        const image = Float64Array.from(pictureValues(topology, height * width * 3, 430 + index));
        const ours = new Map([...parameters].map(([name, values]) => [name, Float64Array.from(values)]));
        const { output } = unet(topology, ours, tensor64([1, height, width, 3], image));
        expected.push(planes(Float64Array.from(output.data)));
        await Deno.writeFile(
          `${dir}/${index}.safetensors`,
          toPytorch({ topology, parameters, info: modelInfo() }),
        );
        await Deno.writeFile(`${dir}/${index}.image`, new Uint8Array(planes(image).buffer));
      }
      const { code, stderr } = await new Deno.Command(python!, {
        args: [path("pytorch_module.py"), path("../../docs"), dir, String(height), String(width)],
      }).output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
      for (const [index, wanted] of expected.entries()) {
        const { buffer } = await Deno.readFile(`${dir}/${index}.restored`);
        assertAllClose(new Float64Array(buffer), wanted, 1e-12, `case ${index}`);
      }
    }),
});

/** [pixels, 3] as [3, pixels]. */
function planes(values: Float64Array): Float64Array<ArrayBuffer> {
  const pixels = values.length / 3;
  return Float64Array.from(values, (_, i) => values[(i % pixels) * 3 + Math.floor(i / pixels)]);
}
