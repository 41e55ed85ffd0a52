/** Whether tests can run kernels over f16: adapters need not have the feature. */
import { testGpu } from "./shared.ts";

export async function halfGpu(): Promise<boolean> {
  return (await testGpu()).half;
}
