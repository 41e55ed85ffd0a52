import { assertEquals } from "../assert.ts";
import { llvmVersion } from "../../src/gpu/adapter.ts";

Deno.test("llvmVersion() reads the version of lavapipe's compiler, and none off other adapters", () => {
  assertEquals(llvmVersion("llvmpipe (LLVM 15.0.6, 256 bits)"), 15);
  assertEquals(llvmVersion("llvmpipe (LLVM 19.1.7, 256 bits)"), 19);
  assertEquals(llvmVersion("NVIDIA H100 80GB HBM3"), undefined);
});
