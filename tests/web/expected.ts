/** What the page's results are compared with. */
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { GpuNetwork } from "../../src/enhance/gpu_network.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { decodePhoto } from "../../src/image/decode.ts";
import { loadModel } from "../../src/nn/models.ts";
import { assertEquals } from "../assert.ts";

/** The photo as Deno restores it with the same shaders. */
export async function expected(path: string, model: string, strength = 1): Promise<Uint8Array> {
  using gpu = await openGpu();
  const { topology, parameters } = await loadModel(model);
  using network = new GpuNetwork(gpu, topology, parameters);
  const photo = await decodePhoto(await Deno.readFile(path));
  return (await enhancePhoto(photo, network, { strength })).rgb as Uint8Array;
}

export function largestDifference(a: Uint8Array, b: Uint8Array): number {
  assertEquals(a.length, b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}
