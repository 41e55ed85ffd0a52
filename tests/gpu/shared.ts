/** The device that the tests of a file share: opening one and compiling its kernels takes longer than most tests. */
import { type Gpu, openGpu } from "../../src/gpu/device.ts";

let opened: Promise<Gpu> | undefined;

/** Opened at the first call; lives until the tests of the file are over. */
export function testGpu(): Promise<Gpu> {
  opened ??= openGpu({ half: true }).then((gpu) => {
    globalThis.addEventListener("unload", () => gpu[Symbol.dispose]());
    return gpu;
  });
  return opened;
}
