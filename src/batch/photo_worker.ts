/** The thread of `PhotoThreads`: loads and stores photos, several at a time where asked so. */
import { isDiskFull, UserError } from "../base/errors.ts";
import { freeSamples, type Photo, samplesOf } from "../image/photo.ts";
import {
  type EncodedPhoto,
  encodeForStore,
  type LoadedPhoto,
  loadPhoto,
  type LoadRequest,
  type StoredPhoto,
  type StoreRequest,
  writeEncoded,
} from "./photo_tasks.ts";
import { spentOn, type StageSeconds } from "./stage_clock.ts";

export type PhotoRequest =
  & { readonly id: number }
  & (
    | { readonly load: LoadRequest }
    | { readonly store: StoreRequest }
    /** Number of a task whose photo did not fit on the disk: to write it again. */
    | { readonly again: number }
  );

export type PhotoReply =
  & { readonly id: number }
  & ({ readonly result: LoadedPhoto | StoredPhoto } | { readonly failure: Failure });

/** An error on its way between threads, where classes are lost. */
export interface Failure {
  readonly message: string;
  readonly stack?: string;
  /** Of the system, such as ENOSPC. */
  readonly code?: unknown;
  /** Of a `UserError`. */
  readonly exitCode?: 1 | 2;
  readonly cause?: Failure;
  /** What had been spent before. */
  readonly seconds: StageSeconds;
}

/** The worker's own global scope, of which Deno's window types know only a part. */
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<PhotoRequest>) => void) | null;
  postMessage(reply: PhotoReply, transfer: Transferable[]): void;
};

scope.onmessage = async ({ data }) => {
  const { id } = data;
  try {
    if ("store" in data) {
      return scope.postMessage({ id, result: await write(id, await encodeForStore(data.store)) }, []);
    }
    if ("again" in data) {
      const encoded = unwritten.get(data.again)!;
      unwritten.delete(data.again);
      return scope.postMessage({ id, result: await writeEncoded(encoded) }, []);
    }
    const { photo, ...rest } = await loadPhoto(data.load);
    const own = ownSamples(photo);
    freeSamples([photo]);
    scope.postMessage({ id, result: { photo: own, ...rest } }, samplesOf([own]));
  } catch (error) {
    scope.postMessage({ id, failure: failureOf(error) }, []);
  }
};

/** What did not fit on the disk, by the number of its task. It is kept until it is asked for again, which the other side does for each. */
const unwritten = new Map<number, EncodedPhoto>();

async function write(id: number, encoded: EncodedPhoto): Promise<StoredPhoto> {
  try {
    return await writeEncoded(encoded);
  } catch (error) {
    if (isDiskFull(error)) unwritten.set(id, encoded);
    throw error;
  }
}

/** The image library's memory belongs to this thread, so the samples are copied before they leave it. */
function ownSamples(photo: Photo): Photo {
  return { ...photo, rgb: photo.rgb.slice(), ...(photo.alpha && { alpha: photo.alpha.slice() }) };
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error), seconds: {} };
  return {
    message: error.message,
    stack: error.stack,
    code: (error as { code?: unknown }).code,
    exitCode: error instanceof UserError ? error.exitCode : undefined,
    cause: error.cause === undefined ? undefined : failureOf(error.cause),
    seconds: spentOn(error),
  };
}
