/** A photo of 512×512 through the shipped topology: the shaders on this adapter against onnxruntime on the CPU. */
import { CpuNetwork } from "../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../src/enhance/enhancer.ts";
import { GpuNetwork } from "../src/enhance/gpu_network.ts";
import { openGpu } from "../src/gpu/device.ts";
import { heInitialise } from "../src/nn/initialise.ts";
import { unetTopology } from "../src/nn/topology.ts";
import { Random } from "../src/base/random.ts";

const topology = unetTopology({ widths: [16, 32, 64, 96] });
const weights = heInitialise(topology, 1);
const random = new Random(1);
const side = 512;
const rgb = Uint8Array.from({ length: side * side * 3 }, () => random.below(256));
const photo = { width: side, height: side, rgb, grey: false, format: "png" };
const gpu = await openGpu();

for (const network of [new GpuNetwork(gpu, topology, weights), await CpuNetwork.create(topology, weights)]) {
  Deno.bench(`enhance ${side}×${side} on ${network.device}`, { group: "enhance" }, async () => {
    await enhancePhoto(photo, network);
  });
}
