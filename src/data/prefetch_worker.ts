/** The thread of a `Prefetch`: makes batches in the order asked. */
import { UserError } from "../base/errors.ts";
import { jpegThroughSharp } from "../degrade/jpeg_sharp.ts";
import { openHandle } from "./open.ts";
import { type PatchBatch, type PatchOptions, PatchStream } from "./patches.ts";
import { parseRecipe } from "../degrade/recipe.ts";

export type WorkerRequest =
  | {
    readonly open: {
      source: unknown;
      options: Omit<PatchOptions, "recipe" | "jpeg">;
      recipe: string | undefined;
      /** Workers in all. */
      threads: number;
    };
  }
  | { readonly step: number }
  /** Drops what was asked for and not begun; answered when nothing is at hand any more. */
  | { readonly stop: true };

export type WorkerReply =
  | { readonly step: number; readonly batch: PatchBatch }
  | { readonly error: string; readonly userError: boolean }
  | { readonly stopped: true };

/** The worker's own global scope, of which Deno's window types know only a part. */
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
  postMessage(reply: WorkerReply, transfer: Transferable[]): void;
};

let stream: PatchStream | undefined;
let queue: Promise<void> = Promise.resolve();
let stopping = false;

scope.onmessage = ({ data }) => {
  // One batch after the other: several at once would only delay the one that is needed first.
  if ("stop" in data) {
    stopping = true;
    queue = queue.then(() => scope.postMessage({ stopped: true }, []));
    return;
  }
  queue = queue.then(() => stopping ? undefined : answer(data)).catch((error) => {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ error: message, userError: error instanceof UserError }, []);
  });
};

async function answer(request: Exclude<WorkerRequest, { stop: true }>): Promise<void> {
  if ("open" in request) {
    const { source, options, recipe, threads } = request.open;
    stream = new PatchStream(openHandle(source, threads), {
      ...options,
      recipe: recipe === undefined ? undefined : parseRecipe(recipe),
      jpeg: jpegThroughSharp,
    });
    return;
  }
  const batch = await stream!.batch(request.step);
  scope.postMessage({ step: request.step, batch }, [batch.input.buffer, batch.target.buffer]);
}
