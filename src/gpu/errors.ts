/** What can go wrong below: each message names what failed. */

/** A shader that does not compile, a dispatch that does not validate: our bug, not the user's. */
export class GpuError extends Error {
  /** The class, also where a bundler renames it. */
  override readonly name: string = "GpuError";
}

/** The adapter's memory does not hold what was asked for: try smaller tiles or a smaller batch. */
export class GpuOutOfMemoryError extends GpuError {
  /** The class, also where a bundler renames it. */
  override readonly name = "GpuOutOfMemoryError";
}

/** The device went away (driver reset, unplugged, or destroyed): open a new one. */
export class GpuLostError extends GpuError {
  /** The class, also where a bundler renames it. */
  override readonly name = "GpuLostError";
}
