import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { psnr } from "../../src/evaluate/metrics.ts";
import { damagedPsnr, patchPsnr } from "../../src/train/held_out.ts";
import { Random } from "../../src/base/random.ts";

const random = new Random(31);
const samples = (count: number, low: number, high: number) =>
  Float32Array.from({ length: count }, () => random.between(low, high));

Deno.test("patchPsnr() is the PSNR of what the range 0..1 leaves, 60 dB at most", () => {
  const target = samples(300, 0, 1);
  const values = samples(300, -0.4, 1.4);
  const clipped = values.map((value) => Math.min(Math.max(value, 0), 1));
  assertAllClose([patchPsnr(values, target)], [psnr(clipped, target, 1)], 1e-9);
  assertEquals(patchPsnr(target, target), 60);
  assert(patchPsnr(target.map((value) => value * 0.99), target) < 60);
});

Deno.test("damagedPsnr() is the mean over the patches, not over their pixels", () => {
  const target = samples(4 * 48, 0.2, 0.8);
  // Errors of 0.1, 0.01, 0.001 (60 dB) and none (60 at most).
  const input = target.map((value, i) => value + [0.1, 0.01, 0.001, 0][Math.floor(i / 48)]);
  assertAllClose([damagedPsnr({ input, target }, 4)], [(20 + 40 + 60 + 60) / 4], 1e-3);
});
