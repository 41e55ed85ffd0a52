import { assertEquals } from "../assert.ts";
import { buildPlan } from "../../src/gpu/plan.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { add } from "../../src/ops/add.ts";
import { Random } from "../../src/base/random.ts";
import { testGpu } from "../gpu/shared.ts";

Deno.test("add() reaches every element of a tensor that one row of workgroups does not hold", async () => {
  const shape = [1, 1025, 1025, 16]; // 4,202,500 vec4s: more than 65,535 workgroups of 64
  const rec = new Recorder({ training: false });
  const x = rec.input("x", shape);
  rec.output("y", add(rec, x, x));
  using plan = await buildPlan(await testGpu(), rec);
  const random = new Random(1);
  const values = new Float32Array(1025 * 1025 * 16).map(() => random.uniform());
  plan.write("x", values);
  plan.run();
  const y = await plan.read("y");
  assertEquals(y.findIndex((value, i) => value !== 2 * values[i]), -1);
});
