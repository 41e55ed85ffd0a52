/** Opens whatever holds photos: a plain folder or a built data set. */
import { PhotoPool, type PhotoPoolHandle } from "./photo_pool.ts";
import type { PhotoSource } from "./photo_source.ts";

/** The source that `handle()` came from, in another thread. */
export function openHandle(handle: unknown): PhotoSource {
  return PhotoPool.fromHandle(handle as PhotoPoolHandle);
}
