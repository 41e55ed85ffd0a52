/** Decodes and encodes photos in threads, so that the network never waits for a codec, nor a codec for the network. */
import { UserError } from "../base/errors.ts";
import { samplesOf } from "../image/photo.ts";
import type { LoadedPhoto, LoadRequest, PhotoTasks, StoredPhoto, StoreRequest } from "./photo_tasks.ts";
import type { Failure, PhotoReply, PhotoRequest } from "./photo_worker.ts";

const SCRIPT = new URL("./photo_worker.ts", import.meta.url);

interface Thread {
  readonly worker: Worker;
  /** Tasks that it has not answered, by number. */
  readonly open: Map<number, PromiseWithResolvers<LoadedPhoto | StoredPhoto>>;
}

/** A few threads; each task goes to the one with the fewest. Dispose of it to end them. */
export class PhotoThreads implements PhotoTasks {
  readonly #threads: Thread[];
  #tasks = 0;

  constructor(count: number) {
    this.#threads = Array.from({ length: count }, () => this.#start());
  }

  /** Whether this process may start threads: their script is read from the disk. */
  static allowed(): boolean {
    return SCRIPT.protocol !== "file:" ||
      Deno.permissions.querySync({ name: "read", path: SCRIPT }).state === "granted";
  }

  async load(request: LoadRequest): Promise<LoadedPhoto> {
    return await this.#ask({ load: request }, []) as LoadedPhoto;
  }

  async store(request: StoreRequest): Promise<StoredPhoto> {
    return await this.#ask({ store: request }, samplesOf([request.photo, request.before])) as StoredPhoto;
  }

  #ask(
    request: { load: LoadRequest } | { store: StoreRequest },
    transfer: Transferable[],
  ): Promise<LoadedPhoto | StoredPhoto> {
    const thread = this.#threads.reduce((least, each) => each.open.size < least.open.size ? each : least);
    const id = this.#tasks++;
    const answer = Promise.withResolvers<LoadedPhoto | StoredPhoto>();
    thread.open.set(id, answer);
    const message: PhotoRequest = { id, ...request };
    thread.worker.postMessage(message, transfer);
    return answer.promise;
  }

  #start(): Thread {
    const worker = new Worker(SCRIPT, { type: "module" });
    const thread: Thread = { worker, open: new Map() };
    worker.onmessage = ({ data }: MessageEvent<PhotoReply>) => {
      const answer = thread.open.get(data.id)!;
      thread.open.delete(data.id);
      if ("result" in data) answer.resolve(data.result);
      else answer.reject(errorOf(data.failure));
    };
    worker.onerror = (event) => {
      // The tasks at hand fail with it; another thread takes its place for the others.
      event.preventDefault();
      this.#threads[this.#threads.indexOf(thread)] = this.#start();
      for (const answer of thread.open.values()) answer.reject(new Error(event.message));
    };
    return thread;
  }

  [Symbol.dispose](): void {
    for (const { worker } of this.#threads) worker.terminate();
  }
}

function errorOf(failure: Failure): Error {
  const { message, stack, code, exitCode } = failure;
  const cause = failure.cause && errorOf(failure.cause);
  const error = exitCode ? new UserError(message, { cause, exitCode }) : new Error(message, { cause });
  if (stack) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}
