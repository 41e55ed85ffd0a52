/** Whether tests can run kernels over f16: adapters need not have the feature. */
import { hasHalf } from "../../src/gpu/device.ts";
import { testGpu } from "./shared.ts";

export async function halfGpu(): Promise<boolean> {
  return hasHalf((await testGpu()).adapter);
}
