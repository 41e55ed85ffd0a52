/** The worker that restores photos, as the page sees it. */
import type { EnhanceReply, EnhanceRequest, ModelSource } from "../worker/protocol.ts";

export type Where = "gpu" | "cpu";

export interface EnhanceJob {
  readonly models: readonly ModelSource[];
  readonly image: ImageData;
  /** @param scale how many times larger each side of the result is. */
  onStart(device: string, scale: number): void;
  onTile(tile: Extract<EnhanceReply, { kind: "tile" }>): void;
}

/** How a job ended. */
export type Outcome =
  | { readonly kind: "done"; readonly seconds: number }
  | { readonly kind: "cancelled" }
  | { readonly kind: "failed"; readonly message: string };

export class Engine {
  #where: Where;
  #worker: Worker | undefined;
  #jobs = new Map<number, { job: EnhanceJob; finish: (outcome: Outcome) => void }>();
  #last = 0;

  constructor(where: Where) {
    this.#where = where;
  }

  /** Where the network runs; a change ends what runs elsewhere. */
  set where(where: Where) {
    if (where === this.#where) return;
    this.#where = where;
    this.#end({ kind: "cancelled" });
  }

  /** Restores a photo, after those asked for before. */
  enhance(job: EnhanceJob): { readonly finished: Promise<Outcome>; cancel(): void } {
    const id = ++this.#last;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#jobs.set(id, { job, finish: resolve });
    const { width, height, data } = job.image;
    const rgba = data as Uint8ClampedArray<ArrayBuffer>;
    this.#send({ kind: "enhance", id, models: job.models, width, height, rgba }, [rgba.buffer]);
    return { finished: promise, cancel: () => this.#send({ kind: "cancel", id }) };
  }

  #send(request: EnhanceRequest, transfer: Transferable[] = []): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request, transfer);
  }

  #start(): Worker {
    const worker = new Worker(new URL(`${this.#where}_worker.js`, document.baseURI), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<EnhanceReply>) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#end({ kind: "failed", message: event.message || "the page's worker could not be started" });
    };
    return worker;
  }

  #receive(reply: EnhanceReply): void {
    const entry = this.#jobs.get(reply.id);
    if (!entry) return;
    if (reply.kind === "started") entry.job.onStart(reply.device, reply.scale);
    else if (reply.kind === "tile") entry.job.onTile(reply);
    else {
      this.#jobs.delete(reply.id);
      entry.finish(reply);
    }
  }

  /** Drops the worker; the next job starts a fresh one. */
  #end(outcome: Outcome): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const { finish } of jobs) finish(outcome);
  }
}
