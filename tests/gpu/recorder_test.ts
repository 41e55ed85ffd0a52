import { assert, assertEquals, assertThrows } from "../assert.ts";
import { type Kernel, kernelSource } from "../../src/gpu/kernel.ts";
import { Recorder } from "../../src/gpu/recorder.ts";

const addKernel: Kernel = {
  name: "add",
  params: ["count"],
  bindings: { a: "read", b: "read", y: "read_write" },
};
const shape = [1, 2, 2, 4];
const options = { params: { count: 4 }, invocations: 4 };

Deno.test("Recorder.dispatch() refuses bindings and parameters that the kernel does not declare", () => {
  const rec = new Recorder({ training: false });
  const [a, b, y] = [rec.input("a", shape), rec.input("b", shape), rec.tensor(shape, "y")];
  assertThrows(() => rec.dispatch(addKernel, { a, y }, options), /add: it binds a,b,y, got a,y/);
  assertThrows(() => rec.dispatch(addKernel, { b, a, y }, options), /add: it binds a,b,y, got b,a,y/);
  assertThrows(
    () => rec.dispatch(addKernel, { a, b, y }, { ...options, params: {} }),
    /add: the parameter count/,
  );
});

Deno.test("Recorder.dispatch() refuses a tensor bound for reading and writing at once", () => {
  const rec = new Recorder({ training: false });
  const [a, y] = [rec.input("a", shape), rec.tensor(shape, "y")];
  assertThrows(() => rec.dispatch(addKernel, { a, b: y, y }, options), /y is bound for reading and writing/);
  rec.dispatch(addKernel, { a, b: a, y }, options);
  const twice: Kernel = { ...addKernel, bindings: { a: "read", b: "read_write", y: "read_write" } };
  assertThrows(() => rec.dispatch(twice, { a, b: y, y }, options), /y is bound for reading and writing/);
});

Deno.test("Recorder.dispatch() takes types from the tensors, and refuses those that a kernel does not take", () => {
  const rec = new Recorder({ training: false });
  const [a, b, y] = [rec.input("a", shape), rec.input("b", shape, "f16"), rec.tensor(shape, "y")];
  assertEquals([a.bytes, b.bytes], [64, 32]);
  assertThrows(() => rec.dispatch(addKernel, { a, b, y }, options), /add: it takes b as f32 only/);
  const typed = (types: Kernel["types"]): Kernel => ({ ...addKernel, types });
  assertThrows(
    () => rec.dispatch(typed({ term4: ["a", "b"] }), { a, b, y }, options),
    /add: a, b must be of one type/,
  );
  rec.dispatch(typed({ term4: ["b"], sum4: [] }), { a, b, y }, { ...options, types: { sum4: "f16" } });
  assertEquals(rec.dispatches[0].types, { term4: "f16", sum4: "f16" });
});

Deno.test("kernelSource() puts the types before the shader, and asks for f16 first of all", () => {
  const kernel: Kernel = { ...addKernel, types: { a4: ["a"], b4: ["b"], result4: ["y"] } };
  const { code } = kernelSource(kernel, {}, { b4: "f16" });
  const head =
    "enable f16;\nalias a4 = vec4<f32>;\nalias b4 = vec4<f16>;\nalias result4 = vec4<f32>;\nfn to_result4(v: vec4f) -> result4 { return v; }\n";
  assert(code.startsWith(head), code.slice(0, 200));
  // What is written, and may be too large for f16, is kept within it.
  const { code: half } = kernelSource(kernel, {}, { result4: "f16" });
  assert(
    half.includes(
      "fn to_result4(v: vec4f) -> result4 { return result4(clamp(v, vec4f(-65504.0), vec4f(65504.0))); }",
    ),
    half,
  );
  assert(!kernelSource(kernel, {}).code.includes("enable f16"));
  const scalar: Kernel = { ...kernel, types: { value: ["a"] } };
  assert(kernelSource(scalar, {}, { value: "f16" }).code.startsWith("enable f16;\nalias value = f16;\n"));
});

Deno.test("Recorder.dispatch() folds a long row of workgroups, each axis within WebGPU's limit", () => {
  for (const workgroups of [1, 65535, 65536, 200_000]) {
    const rec = new Recorder({ training: false });
    const [a, y] = [rec.input("a", shape), rec.tensor(shape, "y")];
    rec.dispatch(addKernel, { a, b: a, y }, { ...options, invocations: 64 * workgroups, groups: 3 });
    const [x, rows, groups] = rec.dispatches[0].workgroups;
    assert(x <= 65535 && rows <= 65535 && x * rows >= workgroups && x * rows < workgroups + rows);
    assertEquals(groups, 3);
  }
});

Deno.test("Recorder.addJob() gives each job a layer of workgroups along z, as many as the largest needs", () => {
  const rec = new Recorder({ training: false });
  const jobs: Kernel = { ...addKernel, jobs: true };
  const [a, y] = [rec.input("a", shape), rec.tensor(shape, "y")];
  const dispatch = rec.dispatch(jobs, { a, b: a, y }, { params: { count: 65 }, invocations: 65 });
  assertEquals(dispatch.workgroups, [2, 1, 1]);
  rec.addJob(dispatch, { count: 300 }, 300);
  rec.addJob(dispatch, { count: 4 }, 4);
  assertEquals(rec.dispatches.map(({ workgroups }) => workgroups), [[5, 1, 3]]);
  assertEquals(dispatch.params, [{ count: 65 }, { count: 300 }, { count: 4 }]);
  assertThrows(() => rec.addJob(dispatch, {}, 4), /add: the parameter count/);
  rec.addJob(dispatch, { count: 1 }, 64 * 65536);
  const [across, down, layers] = rec.dispatches[0].workgroups;
  assert(across <= 65535 && across * down >= 65536 && layers === 4);
});

Deno.test("Recorder.backward() calls what waits for its end, once, after the whole tape", () => {
  const rec = new Recorder({ training: true });
  const a = rec.input("a", shape);
  const order: string[] = [];
  rec.gradient(a, () => {
    order.push("a");
    rec.afterBackward(() => order.push("end"));
  });
  rec.gradientOf(a);
  rec.backward();
  rec.backward();
  assertEquals(order, ["a", "end"]);
});

Deno.test("Recorder.tensor() refuses an extent that is not positive", () => {
  const rec = new Recorder({ training: false });
  for (const extent of [0, -1, 1.5, NaN]) {
    assertThrows(() => rec.tensor([1, extent, 2, 3], "pool1"), /the tensor pool1/);
  }
});

Deno.test("Recorder.gradientOf() lets the first writer overwrite and later ones add", () => {
  const rec = new Recorder({ training: true });
  const x = rec.input("x", shape);
  const first = rec.gradientOf(x);
  const second = rec.gradientOf(x);
  assertEquals([first.accumulate, second.accumulate], [false, true]);
  assertEquals(first.gradient, second.gradient);
});

Deno.test("Recorder.backward() goes back in reverse order and skips values that nothing used", () => {
  const rec = new Recorder({ training: true });
  const [a, b, unused] = ["a", "b", "unused"].map((name) => rec.tensor(shape, name));
  const order: string[] = [];
  rec.gradient(a, () => order.push("a"));
  rec.gradient(unused, () => order.push("unused"));
  rec.gradient(b, () => {
    order.push("b");
    rec.gradientOf(a);
  });
  rec.gradientOf(b);
  rec.backward();
  assertEquals(order, ["b", "a"]);
});
