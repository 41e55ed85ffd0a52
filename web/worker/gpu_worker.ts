/** Restores photos on the shaders. */
import { GpuNetwork } from "../../src/enhance/gpu_network.ts";
import type { TileNetwork } from "../../src/enhance/network.ts";
import { type Gpu, openGpu } from "../../src/gpu/device.ts";
import { serveEnhancing } from "./enhance_service.ts";

serveEnhancing(async ({ topology, parameters }) => {
  const gpu = await openGpu();
  return owning(gpu, new GpuNetwork(gpu, topology, parameters));
});

/** The network with its device, which goes when it goes: after a failure the next model gets a fresh one. */
function owning(gpu: Gpu, network: GpuNetwork): TileNetwork {
  return {
    topology: network.topology,
    device: network.device,
    preferredTile: network.preferredTile,
    concurrency: network.concurrency,
    run: (tile, height, width) => network.run(tile, height, width),
    [Symbol.dispose]() {
      network[Symbol.dispose]();
      gpu[Symbol.dispose]();
    },
  };
}
