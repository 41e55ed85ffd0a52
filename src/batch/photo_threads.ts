/** Decodes and encodes photos in threads, so that the network never waits for a codec, nor a codec for the network. */
import { isDiskFull, UserError } from "../base/errors.ts";
import { samplesOf } from "../image/photo.ts";
import type { LoadedPhoto, LoadRequest, PhotoTasks, StoredPhoto, StoreRequest } from "./photo_tasks.ts";
import { noteSpent } from "./stage_clock.ts";
import type { Failure, PhotoReply, PhotoRequest } from "./photo_worker.ts";

const SCRIPT = new URL("./photo_worker.ts", import.meta.url);

interface Thread {
  readonly worker: Worker;
  /** Tasks that it has not answered, by number. */
  readonly open: Map<number, PromiseWithResolvers<LoadedPhoto | StoredPhoto>>;
}

interface Task {
  readonly thread: Thread;
  readonly id: number;
  readonly answer: Promise<LoadedPhoto | StoredPhoto>;
}

/** A few threads; each task goes to the one with the fewest. Dispose of it to end them. */
export class PhotoThreads implements PhotoTasks {
  readonly #threads: Thread[];
  #tasks = 0;
  /** Photos that are being stored, those that are tried again aside. */
  readonly #storing = new Set<Promise<unknown>>();
  /** The end of the last further try so far. */
  #tried: Promise<unknown> = Promise.resolve();

  constructor(count: number) {
    this.#threads = Array.from({ length: count }, () => this.#start());
  }

  /** Whether this process may start threads: their script is read from the disk. */
  static allowed(): boolean {
    return SCRIPT.protocol !== "file:" ||
      Deno.permissions.querySync({ name: "read", path: SCRIPT }).state === "granted";
  }

  async load(request: LoadRequest): Promise<LoadedPhoto> {
    return await this.#ask({ load: request }).answer as LoadedPhoto;
  }

  async store(request: StoreRequest): Promise<StoredPhoto> {
    const task = this.#ask({ store: request }, samplesOf([request.photo, request.before]));
    this.#storing.add(task.answer);
    try {
      return await task.answer as StoredPhoto;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.#storing.delete(task.answer);
      return await this.#storeAgain(task, error);
    } finally {
      this.#storing.delete(task.answer);
    }
  }

  /**
   * A disk may have been full for the moment alone: a large photo that does not fit takes the room of small ones until its half-written file is
   * removed. So what found no room is written once more when the other photos at hand are written or have failed, one after another.
   */
  #storeAgain({ thread, id }: Task, error: unknown): Promise<StoredPhoto> {
    const others = [...this.#storing, this.#tried];
    const again = (async () => {
      await Promise.allSettled(others);
      // What it should write has gone with the thread.
      if (!this.#threads.includes(thread)) throw error;
      return await this.#ask({ again: id }, [], thread).answer as StoredPhoto;
    })();
    this.#tried = again.catch(() => {});
    return again;
  }

  #ask(
    request: { load: LoadRequest } | { store: StoreRequest } | { again: number },
    transfer: Transferable[] = [],
    thread = this.#threads.reduce((least, each) => each.open.size < least.open.size ? each : least),
  ): Task {
    const id = this.#tasks++;
    const answer = Promise.withResolvers<LoadedPhoto | StoredPhoto>();
    thread.open.set(id, answer);
    const message: PhotoRequest = { id, ...request };
    thread.worker.postMessage(message, transfer);
    return { thread, id, answer: answer.promise };
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
  noteSpent(error, failure.seconds);
  return code === undefined ? error : Object.assign(error, { code });
}
