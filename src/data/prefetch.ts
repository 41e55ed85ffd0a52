/** Makes training batches ahead of time in worker threads, so that the GPU does not wait for them. */
import { UserError } from "../base/errors.ts";
import type { PatchBatch, PatchOptions } from "./patches.ts";
import type { PhotoSource } from "./photo_source.ts";
import type { WorkerReply, WorkerRequest } from "./prefetch_worker.ts";

export interface PrefetchOptions extends Omit<PatchOptions, "jpeg"> {
  /** Threads; as `threadsFor` says by default. */
  readonly workers?: number;
  /** Batches to have ready or in the making ahead of the one asked for. Two for each thread and two more by default. */
  readonly ahead?: number;
}

/** More would hardly find their way through the one thread that hands them to the GPU. */
const MOST_THREADS = 8;

/**
 * Threads that make batches on a machine of so many logical cores. One takes some 30 ms for 16 patches of 128×128 under the mix `photo`: a
 * large GPU does a step in a third of that. On few cores one has to do, because a software adapter wants them itself.
 */
export function threadsFor(cores: number): number {
  return Math.min(Math.max(Math.floor(cores / 3), 1), MOST_THREADS);
}

/** A thread, and when it has nothing at hand any more: it was asked to stop and has, or has failed. */
interface Thread {
  readonly worker: Worker;
  readonly idle: PromiseWithResolvers<void>;
}

/**
 * Gives the same batches as a `PatchStream` over the same photos and options. Dispose of it to stop its threads:
 * `await using batches = new Prefetch(source, options)`.
 */
export class Prefetch implements AsyncDisposable {
  readonly #threads: Thread[] = [];
  readonly #ahead: number;
  /** Batches asked of the workers, by step. */
  readonly #pending = new Map<number, PromiseWithResolvers<PatchBatch>>();
  #failure: Error | undefined;

  constructor(source: PhotoSource, options: PrefetchOptions) {
    const { workers = threadsFor(navigator.hardwareConcurrency), recipe, ahead, ...patches } = options;
    this.#ahead = ahead ?? 2 * workers + 2;
    for (let i = 0; i < workers; i++) {
      const worker = new Worker(new URL("./prefetch_worker.ts", import.meta.url), { type: "module" });
      const idle = Promise.withResolvers<void>();
      worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
        if ("stopped" in data) idle.resolve();
        else this.#receive(data);
      };
      worker.onerror = (event) => {
        event.preventDefault(); // the rejection carries it
        this.#fail(new Error(`Cannot prefetch batches: ${event.message}`));
        idle.resolve();
      };
      this.#threads.push({ worker, idle });
      this.#send(worker, {
        open: { source: source.handle(), options: patches, recipe: recipe?.text, threads: workers },
      });
    }
  }

  /**
   * The batch of a step; the following ones are then on their way. Steps are to be asked for in order: an earlier or far
   * later one (after a resume) works, and what had been made for others is dropped.
   */
  async next(step: number): Promise<PatchBatch> {
    for (const made of this.#pending.keys()) {
      if (made < step || made > step + this.#ahead) this.#pending.delete(made);
    }
    for (let wanted = step; wanted <= step + this.#ahead; wanted++) this.#request(wanted);
    const batch = await this.#pending.get(step)!.promise;
    this.#pending.delete(step);
    return batch;
  }

  #request(step: number): void {
    if (this.#pending.has(step)) return;
    const pending = Promise.withResolvers<PatchBatch>();
    pending.promise.catch(() => {}); // reported when the step is asked for
    this.#pending.set(step, pending);
    if (this.#failure) pending.reject(this.#failure);
    else this.#send(this.#threads[step % this.#threads.length].worker, { step });
  }

  #send(worker: Worker, request: WorkerRequest): void {
    worker.postMessage(request);
  }

  #receive(reply: Exclude<WorkerReply, { stopped: true }>): void {
    if ("batch" in reply) this.#pending.get(reply.step)?.resolve(reply.batch);
    else this.#fail(reply.userError ? new UserError(reply.error) : new Error(reply.error));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const pending of this.#pending.values()) pending.reject(this.#failure);
  }

  /**
   * Rejects the batches still awaited and stops the threads, when they have done what they are at: one that is ended while the image library works for it
   * takes the process with it, once in some thousand times.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new Error("Cannot prefetch batches: the prefetcher has been disposed of"));
    for (const { worker } of this.#threads) this.#send(worker, { stop: true });
    await Promise.all(this.#threads.map(({ idle }) => idle.promise));
    for (const { worker } of this.#threads) worker.terminate();
  }
}
