/** Restores photos on the CPU, through onnxruntime-web: loaded only where there is no WebGPU, or where a person asks for it. */
import { type TileNetwork, TileTooLargeError } from "../../src/enhance/network.ts";
import { onnxModel } from "../../src/nn/onnx_graph.ts";
import { serveEnhancing } from "./enhance_service.ts";

/** The part of onnxruntime-web that is used here; the package is a file beside the page, not part of this bundle. */
interface Runtime {
  readonly env: { readonly wasm: { wasmPaths: string; numThreads: number; proxy: boolean } };
  readonly InferenceSession: {
    create(model: Uint8Array, options: Record<string, unknown>): Promise<Session>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => unknown;
}
interface Session {
  run(feeds: Record<string, unknown>): Promise<Record<string, { readonly data: Float32Array }>>;
  release(): Promise<void>;
}

const FOLDER = new URL("./onnxruntime/", import.meta.url).href;
/** Memory that the page's WebAssembly has is limited to 4 GiB, and threads share it. */
const MOST_THREADS = 8;

serveEnhancing(async ({ topology, parameters }): Promise<TileNetwork> => {
  const { env, InferenceSession, Tensor }: Runtime = await import(`${FOLDER}ort.wasm.min.mjs`);
  env.wasm.wasmPaths = FOLDER;
  env.wasm.proxy = false; // this is a worker already
  // Threads need memory that they share, which a browser allows to isolated pages only.
  const threads = crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, MOST_THREADS) : 1;
  env.wasm.numThreads = threads;
  const session = await InferenceSession.create(onnxModel(topology, parameters, { layout: "nhwc" }), {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
    enableCpuMemArena: false,
    enableMemPattern: false,
    logSeverityLevel: 3,
  });
  return {
    topology,
    device: `CPU (onnxruntime, ${threads} ${threads === 1 ? "thread" : "threads"})`,
    preferredTile: 256,
    async run(tile, height, width) {
      try {
        const image = new Tensor("float32", tile, [1, height, width, topology.channels]);
        return (await session.run({ image })).restored.data;
      } catch (error) {
        if (!/alloc|memory/i.test(String(error))) throw error;
        throw new TileTooLargeError(`Not enough memory for a tile of ${width}×${height}`, { cause: error });
      }
    },
    [Symbol.dispose]: () => void session.release(),
  };
});
