import { forbiddenImports, importCycles, type ImportGraph, readImportGraph } from "../tools/architecture.ts";
import { assert, assertEquals, assertMatch } from "./assert.ts";

const madeUp = (imports: Record<string, string[]>): ImportGraph => new Map(Object.entries(imports));

Deno.test("the project's imports point downward only, and there is no cycle", async () => {
  const graph = await readImportGraph(new URL("../", import.meta.url));
  // Were the reader to lose modules or edges, the check would pass for the wrong reason.
  assert(graph.get("src/nn/graph.ts")?.includes("src/nn/topology.ts"), "a type-only import was not read");
  assertEquals(forbiddenImports(graph), []);
  assertEquals(importCycles(graph), []);
});

Deno.test("forbiddenImports() finds an import that points upward", () => {
  const faults = forbiddenImports(madeUp({
    "cli.ts": ["src/train/trainer.ts"],
    "src/train/trainer.ts": ["src/gpu/device.ts"],
    "src/gpu/device.ts": ["src/ops/conv2d.ts", "src/tensor/shape.ts"],
  }));
  assertEquals(faults.length, 1);
  assertMatch(faults[0], /^src\/gpu\/device\.ts imports src\/ops\/conv2d\.ts: gpu may import tensor, base$/);
});

Deno.test("forbiddenImports() finds siblings that import each other", () => {
  assertEquals(forbiddenImports(madeUp({ "src/enhance/tiles.ts": ["src/train/trainer.ts"] })).length, 1);
  assertEquals(forbiddenImports(madeUp({ "src/data/dataset.ts": ["src/nn/graph.ts"] })).length, 1);
  assertEquals(forbiddenImports(madeUp({ "src/evaluate/report.ts": ["src/enhance/tiles.ts"] })), []);
});

Deno.test("forbiddenImports() keeps the product from importing its reference, its tests and its entry points", () => {
  for (const imported of ["src/reference/conv2d.ts", "tests/assert.ts", "bench/conv2d_bench.ts", "mod.ts"]) {
    assertEquals(forbiddenImports(madeUp({ "src/ops/conv2d.ts": [imported] })).length, 1, imported);
  }
  assertEquals(forbiddenImports(madeUp({ "tests/ops/conv2d_test.ts": ["src/reference/conv2d.ts"] })), []);
});

Deno.test("forbiddenImports() refuses a folder that is not in the table of layers", () => {
  assertMatch(forbiddenImports(madeUp({ "src/misc/helpers.ts": [] }))[0], /src\/misc is not in the table/);
});

Deno.test("importCycles() finds a cycle, also within a layer, and prints its path", () => {
  const graph = madeUp({
    "src/ops/a.ts": ["src/ops/b.ts", "src/gpu/d.ts"],
    "src/ops/b.ts": ["src/ops/c.ts"],
    "src/ops/c.ts": ["src/ops/a.ts"],
    "src/gpu/d.ts": [],
  });
  assertEquals(importCycles(graph), ["src/ops/a.ts → src/ops/b.ts → src/ops/c.ts → src/ops/a.ts"]);
  assertEquals(importCycles(madeUp({ "a.ts": ["a.ts"] })), ["a.ts → a.ts"]);
});

Deno.test("importCycles() takes a shared import for no cycle", () => {
  assertEquals(
    importCycles(madeUp({ "a.ts": ["b.ts", "c.ts"], "b.ts": ["d.ts"], "c.ts": ["d.ts"], "d.ts": [] })),
    [],
  );
});
