/** Answers the page's requests to restore photos, one after the other, on whatever network is given. */
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import type { TileNetwork } from "../../src/enhance/network.ts";
import type { Model } from "../../src/nn/model_file.ts";
import { loadModelFrom } from "./load_model.ts";
import { photoOfRgba, rgbaOfArea } from "./pixels.ts";
import type { Area, EnhanceReply, EnhanceRequest } from "./protocol.ts";
import { messageOf, workerScope } from "./scope.ts";

class Cancelled extends Error {}

/**
 * Listens for requests.
 * @param open makes a model runnable; the last one is kept until another is asked for.
 */
export function serveEnhancing(open: (model: Model) => Promise<TileNetwork>): void {
  const scope = workerScope<EnhanceRequest, EnhanceReply>();
  const controllers = new Map<number, AbortController>();
  let opened: { key: string; network: TileNetwork } | undefined;
  let queue: Promise<void> = Promise.resolve();

  const networkFor = async (source: Extract<EnhanceRequest, { kind: "enhance" }>["model"]) => {
    if (opened?.key !== source.key) {
      opened?.network[Symbol.dispose]();
      opened = undefined;
      opened = { key: source.key, network: await open(await loadModelFrom(source)) };
    }
    return opened.network;
  };

  const enhance = async (request: Extract<EnhanceRequest, { kind: "enhance" }>, signal: AbortSignal) => {
    const { id, width, height, rgba } = request;
    try {
      signal.throwIfAborted();
      const network = await networkFor(request.model);
      const { scale = 1 } = network.topology as { scale?: number };
      scope.postMessage({ kind: "started", id, device: network.device, scale });
      const began = performance.now();
      const photo = photoOfRgba(rgba, width, height);
      let part: { area: Area; rgba: Uint8ClampedArray<ArrayBuffer> } | undefined;
      await enhancePhoto(photo, network, {
        signal,
        onTile: ({ x0, x1, y0, y1 }, rgb) => {
          const area = { x0: x0 * scale, x1: x1 * scale, y0: y0 * scale, y1: y1 * scale };
          part = { area, rgba: rgbaOfArea(rgb, photo, area, scale) };
        },
        onProgress: (done, total) => {
          if (part) scope.postMessage({ kind: "tile", id, ...part, done, total }, [part.rgba.buffer]);
        },
      });
      scope.postMessage({ kind: "done", id, seconds: (performance.now() - began) / 1000 });
    } catch (error) {
      if (error instanceof Cancelled) scope.postMessage({ kind: "cancelled", id });
      else {
        // A network that failed once (a lost device, say) is opened anew for the next photo.
        opened?.network[Symbol.dispose]();
        opened = undefined;
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
