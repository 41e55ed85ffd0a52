/** Answers the page's requests to restore photos, one after the other, on whatever network is given. */
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { enlargeArea } from "../../src/enhance/enlarge.ts";
import type { TileNetwork } from "../../src/enhance/network.ts";
import type { Model } from "../../src/nn/model_file.ts";
import { loadModelFrom } from "./load_model.ts";
import { photoOfRgba, rgbaOfArea } from "./pixels.ts";
import type { EnhanceReply, EnhanceRequest, ModelSource, ResultPart } from "./protocol.ts";
import { messageOf, workerScope } from "./scope.ts";

class Cancelled extends Error {}

/**
 * Listens for requests.
 * @param open makes a model runnable; those of the last photo are kept until others are asked for.
 */
export function serveEnhancing(open: (model: Model) => Promise<TileNetwork>): void {
  const scope = workerScope<EnhanceRequest, EnhanceReply>();
  const controllers = new Map<number, AbortController>();
  const opened = new Map<string, TileNetwork>();
  let queue: Promise<void> = Promise.resolve();

  const close = (keep: readonly ModelSource[]) => {
    for (const [key, network] of opened) {
      if (keep.some((source) => source.key === key)) continue;
      opened.delete(key);
      network[Symbol.dispose]();
    }
  };
  const networksFor = async (sources: readonly ModelSource[]) => {
    close(sources);
    for (const source of sources) {
      if (!opened.has(source.key)) opened.set(source.key, await open(await loadModelFrom(source)));
    }
    return sources.map(({ key }) => opened.get(key)!);
  };

  const enhance = async (request: Extract<EnhanceRequest, { kind: "enhance" }>, signal: AbortSignal) => {
    const { id, width, height, rgba } = request;
    try {
      signal.throwIfAborted();
      const networks = await networksFor(request.models);
      const scale = networks.reduce((product, { topology }) => product * topology.scale, 1);
      scope.postMessage({ kind: "started", id, device: networks[0].device, scale });
      const began = performance.now();
      let part: ResultPart | undefined;
      await enhancePhoto(photoOfRgba(rgba, width, height), networks, {
        signal,
        onTile: (area, rgb) => {
          const before = new Uint8ClampedArray(enlargeArea(rgba, width, height, scale, 4, area));
          part = { area, rgba: rgbaOfArea(rgb, width * scale, area, before) };
          if (scale !== 1) part = { ...part, plain: before };
        },
        onProgress: (done, total) => {
          const buffers = [part?.rgba.buffer, part?.plain?.buffer].filter((buffer) => buffer !== undefined);
          scope.postMessage({ kind: "tile", id, part, done, total }, buffers);
        },
      });
      scope.postMessage({ kind: "done", id, seconds: (performance.now() - began) / 1000 });
    } catch (error) {
      if (error instanceof Cancelled) scope.postMessage({ kind: "cancelled", id });
      else {
        // A network that failed once (a lost device, say) is opened anew for the next photo.
        close([]);
        scope.postMessage({ kind: "failed", id, message: messageOf(error) });
      }
    } finally {
      controllers.delete(id);
    }
  };

  scope.onmessage = ({ data }) => {
    if (data.kind === "cancel") controllers.get(data.id)?.abort(new Cancelled());
    else {
      const controller = new AbortController();
      controllers.set(data.id, controller);
      queue = queue.then(() => enhance(data, controller.signal));
    }
  };
}
