/** Photos of odd sizes and very large ones, from file to file. */
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { assert, assertEquals } from "../assert.ts";
import { withFolder } from "../data/photos.ts";
import { randomPhoto } from "../image/photos.ts";
import { CpuNetwork } from "../../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { enhanceFiles } from "../../src/batch/files.ts";
import { decodePhoto } from "../../src/image/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { calmParameters } from "./networks.ts";

const topology = unetTopology({ base: 4, depth: 2, blocks: 1 });

for (const [width, height] of [[1, 1], [1, 5000], [5000, 1], [7, 7], [2, 3]]) {
  Deno.test(`enhanceFiles() enhances a photo of ${width}×${height}, the same in small tiles and whole`, async () => {
    await withFolder(async (folder) => {
      using network = await CpuNetwork.create(topology, calmParameters(topology, 310));
      const photo = randomPhoto({ seed: 311 + width + height, width, height });
      const whole = await enhancePhoto(photo, network, { tile: Infinity });
      assert(whole.rgb.some((value, i) => value !== photo.rgb[i]), "the network changes nothing");
      for (const format of ["png", "tiff"] as const) {
        await Deno.writeFile(`${folder}/in.${format}`, await encodePhoto(photo, { format }));
        const [result] = await enhanceFiles([`${folder}/in.${format}`], {
          network: () => Promise.resolve(network),
          output: `${folder}/out.${format}`,
          tile: 64,
        });
        assertEquals([result.status, result.width, result.height], ["done", width, height]);
        const written = await decodePhoto(await Deno.readFile(`${folder}/out.${format}`));
        assertEquals([written.width, written.height], [width, height]);
        written.rgb.forEach((value, i) => assert(Math.abs(value - whole.rgb[i]) <= 1, `at ${i}`));
      }
    });
  });
}

/** Enhances a file in a process of its own, and prints that process's peak resident memory in KiB (VmHWM of Linux). */
const SCRIPT = `
  const load = (path) => import(new URL(path, Deno.args[0]).href);
  const { CpuNetwork } = await load("src/enhance/cpu_network.ts");
  const { enhanceFiles } = await load("src/batch/files.ts");
  const { heInitialise } = await load("src/nn/initialise.ts");
  const { unetTopology } = await load("src/nn/topology.ts");
  const topology = unetTopology({ widths: [4], encoderBlocks: [1], decoderBlocks: [] });
  const network = () => CpuNetwork.create(topology, heInitialise(topology, 1), { threads: 2 });
  const [result] = await enhanceFiles([Deno.args[1]], { network, output: Deno.args[2], strength: Number(Deno.args[3]) });
  if (result.status !== "done") throw new Error(result.error);
  console.log(/VmHWM:\\s+(\\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))[1]);
  Deno.exit(0);`;

async function peakBytes(folder: string, input: string, output: string, strength: 0 | 1): Promise<number> {
  await Deno.writeTextFile(`${folder}/script.js`, SCRIPT);
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const root = new URL("../..", import.meta.url).href;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      "--config",
      config,
      `${folder}/script.js`,
      root,
      input,
      output,
      `${strength}`,
    ],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return 1024 * Number(new TextDecoder().decode(stdout));
}

/** As noisy as a photo of a phone or a scanner, so that the files are as large. */
async function writeNoise(path: string, width: number, height: number, format: "jpeg" | "png" | "tiff") {
  const noise = { type: "gaussian", mean: 128, sigma: 4 } as const;
  const picture = sharp({ create: { width, height, channels: 3, background: "black", noise } });
  if (format === "jpeg") await picture.jpeg({ quality: 90 }).toFile(path);
  else if (format === "png") await picture.png({ compressionLevel: 1 }).toFile(path);
  else {
    const deep = new Uint16Array(3 * width * height);
    const bytes = await picture.raw().toBuffer();
    // Full 16 bits: the low ones are noise as well.
    bytes.forEach((value, i) => deep[i] = 256 * value + (i * 2654435761 >>> 24));
    const raw = { width, height, channels: 3 } as const;
    await sharp(deep, { raw }).withExif({ IFD0: { Artist: "Ann" } }).toColourspace("rgb16")
      .tiff({ compression: "lzw", predictor: "horizontal" }).toFile(path);
  }
}

const kinds = { jpeg: "jpeg", png: "png", tiff: "tiff of 16 bits" } as const;
for (const [format, kind] of Object.entries(kinds) as [keyof typeof kinds, string][]) {
  Deno.test(
    `enhanceFiles() takes so little memory for each pixel of a ${kind} that 100 megapixels stay below 1.5 GB`,
    {
      ignore: Deno.build.os !== "linux",
    },
    async () => {
      await withFolder(async (folder) => {
        const peaks: number[] = [];
        // Of JPEG and PNG both are above the size at which JPEGs are encoded in one pass, and at which caches and arenas have grown to what they
        // stay at: from there on memory follows the pixels. 16 bits need the most where files are read and written; without the
        // network, whose memory is the same at any size, that shows with fewer pixels.
        const deep = format === "tiff";
        const sizes = deep ? [[2000, 2000], [7000, 4000]] : [[4250, 4000], [8500, 4000]];
        for (const [width, height] of sizes) {
          const path = `${folder}/${width}.${format}`;
          await writeNoise(path, width, height, format);
          peaks.push(await peakBytes(folder, path, `${folder}/out-${width}.${format}`, deep ? 0 : 1));
        }
        const pixels = sizes.map(([width, height]) => width * height);
        const bytesPerPixel = (peaks[1] - peaks[0]) / (pixels[1] - pixels[0]);
        const at100 = peaks[0] + bytesPerPixel * (100e6 - pixels[0]);
        assert(at100 < 1.5e9, `${bytesPerPixel} bytes a pixel, ${at100 / 1e9} GB for 100 megapixels`);
      });
    },
  );
}
