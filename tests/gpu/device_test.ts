import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "../assert.ts";
import { openGpu } from "../../src/gpu/device.ts";
import { GpuError, GpuOutOfMemoryError } from "../../src/gpu/errors.ts";
import type { Kernel } from "../../src/gpu/kernel.ts";
import { loadTfjs, tfjsAdapter } from "../tfjs/backend.ts";
import { halfGpu } from "./half.ts";
import { testGpu } from "./shared.ts";

const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;

Deno.test("openGpu() takes the adapter that tfjs takes", async () => {
  const gpu = await testGpu();
  assertEquals(tfjsAdapter(await loadTfjs()), gpu.adapter.name);
});

Deno.test("openGpu() takes Vulkan on Linux, not OpenGL", { ignore: Deno.build.os !== "linux" }, async () => {
  // In a process that nobody has told which to take, as the tests' own has been.
  const { DENO_WEBGPU_BACKEND: _, ...env } = Deno.env.toObject();
  const script = `const { openGpu } = await import(${
    JSON.stringify(import.meta.resolve("../../src/gpu/device.ts"))
  });
    (await openGpu())[Symbol.dispose]();
    console.log(Deno.env.get("DENO_WEBGPU_BACKEND"));`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    ...{ args: ["eval", script], env, clearEnv: true },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  assertEquals(new TextDecoder().decode(stdout), "vulkan\n");
});

Deno.test("Gpu.stats() counts live and peak bytes", async () => {
  const gpu = await openGpu();
  assertEquals(gpu.stats(), { liveBytes: 0, peakBytes: 0, liveBuffers: 0 });
  const [a, b] = [gpu.buffer("a", 1000, storage), gpu.buffer("b", 24, storage)];
  assertEquals(gpu.stats(), { liveBytes: 1024, peakBytes: 1024, liveBuffers: 2 });
  gpu.release(a);
  gpu.release(a);
  assertEquals(gpu.stats(), { liveBytes: 24, peakBytes: 1024, liveBuffers: 1 });
  gpu.release(b);
  gpu[Symbol.dispose]();
  gpu[Symbol.dispose]();
  assertEquals(gpu.stats().liveBytes, 0);
});

Deno.test("Gpu.buffer() throws on a Gpu that was disposed", async () => {
  const gpu = await openGpu();
  gpu[Symbol.dispose]();
  assertThrows(() => gpu.buffer("late", 16, storage), /disposed/);
});

Deno.test("Gpu.buffer() throws GpuOutOfMemoryError beyond the adapter's limit and leaves the count as it was", async () => {
  const gpu = await testGpu();
  const before = gpu.stats();
  const bytes = gpu.device.limits.maxBufferSize + 4;
  assertThrows(
    () => gpu.buffer("huge", bytes, storage),
    (error: Error) => error instanceof GpuOutOfMemoryError && /huge/.test(error.message),
  );
  assertEquals(gpu.stats(), before);
});

Deno.test("Gpu.write() refuses what would end the process: a write past the end or at an odd place", async () => {
  const gpu = await testGpu();
  const buffer = gpu.buffer("small", 64, storage);
  gpu.write(buffer, 0, new Float32Array(16));
  assertThrows(() => gpu.write(buffer, 4, new Float32Array(16)), /64 bytes at 4 of small: it has 64/);
  assertThrows(() => gpu.write(buffer, -4, new Float32Array(1)), GpuError);
  assertThrows(() => gpu.write(buffer, 2, new Float32Array(1)), GpuError);
  gpu.release(buffer);
});

Deno.test("Gpu.kernel() compiles each set of constants and types once", async () => {
  const gpu = await testGpu();
  const kernel: Kernel = {
    name: "upsample",
    params: ["batch", "height", "width", "c4"],
    bindings: { x: "read", y: "read_write" },
    types: { value4: ["x", "y"] },
  };
  const nearest = await gpu.kernel(kernel, { BILINEAR: 0 });
  assert(gpu.kernel(kernel, { BILINEAR: 0 }) === nearest);
  assert(await gpu.kernel(kernel, { BILINEAR: 1 }) !== nearest);
  if (await halfGpu()) assert(await gpu.kernel(kernel, { BILINEAR: 0 }, { value4: "f16" }) !== nearest);
});

Deno.test("Gpu.kernel() names kernel and constants when a shader does not compile", async () => {
  const gpu = await openGpu();
  // Without the file that it includes, the activation is not known.
  const kernel: Kernel = {
    name: "add_grad",
    params: ["count", "accumulate"],
    bindings: { dy: "read", activated: "read", dx: "read_write" },
    types: { gradient4: ["dy"], activated4: ["activated"], result4: ["dx"] },
  };
  await assertRejects(async () => await gpu.kernel(kernel, { ACTIVATION: 7 }), (error: Error) => {
    assert(error instanceof GpuError);
    assertMatch(error.message, /Cannot compile add_grad \{"ACTIVATION":7\}/);
    assertMatch(error.message, /activation_slope/);
    return true;
  });
  gpu[Symbol.dispose]();
});
