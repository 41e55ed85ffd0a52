/**
 * anime4k-webgpu's networks on the cases: `deno run -A bench/peers/photos/anime4k.ts FOLDER`.
 *
 * The shaders are those of the npm package (MIT), run by Deno's WebGPU on whatever adapter there is. They keep values in 16-bit floats.
 */
import { createRequire } from "node:module";
import type { RgbImage } from "../../../src/data/decode.ts";
import { openGpu } from "../../../src/gpu/device.ts";
import { runScript } from "../../../tools/run_script.ts";
import { npmPackage } from "./npm_package.ts";
import { folderArgument, onEach, runSettings, type Setting } from "./runner.ts";

interface Pipeline {
  pass(encoder: GPUCommandEncoder): void;
  getOutputTexture(): GPUTexture;
}

type Networks = Record<string, new (options: { device: GPUDevice; inputTexture: GPUTexture }) => Pipeline>;

/** Rows of a texture are copied to whole multiples of so many bytes. */
const ROW = 256;
/** Bytes of a pixel of four 16-bit floats. */
const PIXEL = 8;

/** One that doubles each side. @returns what makes height·width·3 samples, 0..255, of a photo. */
export async function anime4k(network: string): Promise<(photo: RgbImage) => Promise<ArrayLike<number>>> {
  const folder = await npmPackage("anime4k-webgpu", "1.0.0");
  const networks: Networks = createRequire(import.meta.url)(`${folder}/lib/index.js`);
  const { device } = await openGpu();
  const create = device.createTexture.bind(device);
  // It asks for textures that cannot be copied from; its own pages draw them on a canvas.
  device.createTexture = (what) => create({ ...what, usage: what.usage | GPUTextureUsage.COPY_SRC });
  return async ({ rgb, width, height }) => {
    device.pushErrorScope("validation");
    const rgba = new Uint8Array(width * height * 4).fill(255);
    for (let i = 0; i < rgb.length; i++) rgba[Math.floor(i / 3) * 4 + i % 3] = rgb[i];
    const inputTexture = device.createTexture({
      size: [width, height],
      format: "rgba8unorm",
      usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST,
    });
    device.queue.writeTexture({ texture: inputTexture }, rgba, { bytesPerRow: width * 4 }, [width, height]);
    const pipeline = new networks[network]({ device, inputTexture });
    const texture = pipeline.getOutputTexture();
    const bytesPerRow = Math.ceil(texture.width * PIXEL / ROW) * ROW;
    const buffer = device.createBuffer({
      size: bytesPerRow * texture.height,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    const encoder = device.createCommandEncoder();
    pipeline.pass(encoder);
    encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow }, [texture.width, texture.height]);
    device.queue.submit([encoder.finish()]);
    await buffer.mapAsync(GPUMapMode.READ);
    const error = await device.popErrorScope();
    if (error) throw new Error(error.message);
    const halves = new Float16Array(buffer.getMappedRange());
    const [columns, rows] = [texture.width, texture.height];
    const answer = Float32Array.from({ length: columns * rows * 3 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return 255 * halves[Math.floor(pixel / columns) * bytesPerRow / 2 + pixel % columns * 4 + i % 3];
    });
    for (const resource of [buffer, texture, inputTexture]) resource.destroy();
    return answer;
  };
}

/** The largest takes long without a GPU: only the smallest set. */
const NETWORKS = [["CNNx2M"], ["CNNx2VL"], ["CNNx2UL", "set5 x2"]] as const;

const SETTINGS = NETWORKS.map(([network, only]): Setting => ({
  name: `anime4k-webgpu ${network}`,
  scale: 2,
  fits: ({ name }) => only === undefined || name === only,
  run: async (input, output) => await onEach(2, await anime4k(network))(input, output),
}));

if (import.meta.main) await runScript(() => runSettings(folderArgument("anime4k.ts"), SETTINGS));
