/** Folders of photos for the tests of batches. */
import { join } from "node:path";
import { CpuNetwork } from "../../src/enhance/cpu_network.ts";
import type { TileNetwork } from "../../src/enhance/network.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import type { Photo, PhotoFormat } from "../../src/image/photo.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { calmParameters } from "../enhance/networks.ts";

/** Of the network that `inFolder` gives. */
export const topology = unetTopology({ base: 4, depth: 1, blocks: 1 });

/** Runs a test in a folder of its own, with a network that changes photos a little. */
export async function inFolder(test: (folder: string, network: TileNetwork) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  using network = await CpuNetwork.create(topology, calmParameters(topology, 120));
  try {
    await test(folder, network);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes a photo, and the folders above it. */
export async function put(path: string, photo: Photo, format: PhotoFormat = "png") {
  await Deno.mkdir(join(path, ".."), { recursive: true });
  await Deno.writeFile(path, await encodePhoto(photo, { format }));
}
