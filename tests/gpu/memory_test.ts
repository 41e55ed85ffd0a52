import { assert, assertEquals } from "../assert.ts";
import { assignBuffers, type Interval } from "../../src/gpu/memory.ts";
import { Random } from "../../src/base/random.ts";

Deno.test("assignBuffers() gives a chain of values two buffers in turn", () => {
  const chain = [0, 1, 2, 3].map((step) => ({ bytes: 100, first: step, last: step + 1 }));
  const { assignment, sizes } = assignBuffers(chain);
  assertEquals(assignment, [0, 1, 0, 1]);
  assertEquals(sizes, [100, 100]);
});

Deno.test("assignBuffers() keeps a long-lived value apart, as a skip connection has to be", () => {
  const { assignment, sizes } = assignBuffers([
    { bytes: 400, first: 0, last: 9 },
    { bytes: 100, first: 1, last: 2 },
    { bytes: 80, first: 3, last: 4 },
  ]);
  assertEquals(assignment, [0, 1, 1]);
  assertEquals(sizes, [400, 100]);
});

Deno.test("assignBuffers() never shares a buffer between values that live at one step, and never makes one too small", () => {
  const shares: number[] = [];
  for (let seed = 0; seed < 50; seed++) {
    const random = new Random(seed);
    const intervals = Array.from({ length: 40 }, (): Interval => {
      const first = random.below(30);
      return { bytes: 1 + random.below(1000), first, last: first + random.below(10) };
    });
    const { assignment, sizes } = assignBuffers(intervals);
    intervals.forEach((a, i) => {
      assert(sizes[assignment[i]] >= a.bytes);
      intervals.forEach((b, j) => {
        const together = a.first <= b.last && b.first <= a.last;
        assert(i === j || !together || assignment[i] !== assignment[j], `${i} and ${j} share, seed ${seed}`);
      });
    });
    // Shared memory is the point: not far from what lives at once at the worst step, which is the least there can be.
    const alive = Array.from(
      { length: 40 },
      (_, step) =>
        intervals.filter(({ first, last }) => first <= step && step <= last)
          .reduce((sum, { bytes }) => sum + bytes, 0),
    );
    const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
    shares.push(total / Math.max(...alive));
  }
  assert(Math.max(...shares) < 1.35, `${Math.max(...shares)} times the least possible at worst`);
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  assert(mean < 1.15, `${mean} times the least possible on average`);
});
