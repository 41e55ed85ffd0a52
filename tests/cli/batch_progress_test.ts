import { assertEquals } from "../assert.ts";
import { BatchProgress } from "../../src/cli/batch_progress.ts";

Deno.test("BatchProgress counts photos, megapixels a second and the time left, from the first photo on", () => {
  let milliseconds = 5000;
  const progress = new BatchProgress(10, () => milliseconds);
  assertEquals([progress.done, progress.total], [0, 10]);
  assertEquals(progress.fields, { count: "0/10", rate: "?", left: "?", photo: "" });
  progress.begin("a.jpg");
  milliseconds += 4000;
  progress.tile(1, 4);
  assertEquals(progress.done, 0.25);
  // A quarter of a photo took 4 s, so the other 9.75 take 156 s.
  assertEquals(progress.fields, { count: "0/10", rate: "0.00", left: "2 min 36 s", photo: "a.jpg" });
  milliseconds += 12_000;
  progress.tile(4, 4);
  progress.finish(8);
  progress.begin("b.jpg");
  assertEquals(progress.done, 1);
  assertEquals(progress.fields, { count: "1/10", rate: "0.50", left: "2 min 24 s", photo: "b.jpg" });
  // A broken photo counts as done, and brings no megapixels.
  progress.finish(0);
  assertEquals(progress.fields.count, "2/10");
  assertEquals(progress.fields.rate, "0.50");
  for (let i = 2; i < 10; i++) progress.finish(1);
  progress.tile(1, 3);
  assertEquals([progress.done, progress.fields.left], [10, "0 s"]);
});
