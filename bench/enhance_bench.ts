/** Photos of 512×512 and 1024×1024 through the shipped topology: the shaders on this adapter against onnxruntime on the CPU. */
import { CpuNetwork } from "../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../src/enhance/enhancer.ts";
import { GpuNetwork } from "../src/enhance/gpu_network.ts";
import { openGpu } from "../src/gpu/device.ts";
import { loadModel } from "../src/nn/models.ts";
import { Random } from "../src/base/random.ts";

const { topology, parameters } = await loadModel("photo");
const random = new Random(1);
const gpu = await openGpu();
const networks = [new GpuNetwork(gpu, topology, parameters), await CpuNetwork.create(topology, parameters)];

/** A software adapter takes seconds for a photo: a few have to do. */
const rounds = (network: unknown) =>
  network instanceof GpuNetwork && gpu.adapter.software ? { n: 2, warmup: 1 } : { n: 10, warmup: 2 };

for (const side of [512, 1024]) {
  const rgb = Uint8Array.from({ length: side * side * 3 }, () => random.below(256));
  const photo = { width: side, height: side, rgb, grey: false, format: "png" };
  for (const network of networks) {
    // On a software adapter the larger one takes minutes and says nothing new.
    if (side > 512 && network instanceof GpuNetwork && gpu.adapter.software) continue;
    Deno.bench({
      ...{
        name: `enhance ${side}×${side} on ${network.device}`,
        group: `enhance ${side}`,
        ...rounds(network),
      },
      fn: async () => {
        await enhancePhoto(photo, network);
      },
    });
  }
}
