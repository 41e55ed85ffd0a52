/** What can go wrong below: each message names what failed. */

/** A shader that does not compile, a dispatch that does not validate: our bug, not the user's. */
export class GpuError extends Error {
  override readonly name: string = "GpuError";
}

/** The adapter's memory does not hold what was asked for: try smaller tiles or a smaller batch. */
export class GpuOutOfMemoryError extends GpuError {
  override readonly name = "GpuOutOfMemoryError";
}

/** The device went away (driver reset, unplugged, or destroyed): open a new one. */
export class GpuLostError extends GpuError {
  override readonly name = "GpuLostError";
}
