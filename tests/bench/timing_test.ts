import { timeInTurns } from "../../bench/timing.ts";
import { assert, assertEquals } from "../assert.ts";

/** Work whose repetitions take so long each, and whose one wait takes the runtime 10 ms as ours does. */
function work(milliseconds: number, most?: number) {
  const repeats: number[] = [];
  const run = async (repeat: number) => {
    repeats.push(repeat);
    const end = performance.now() + 10 + repeat * milliseconds;
    while (performance.now() < end) await new Promise((done) => setTimeout(done));
  };
  return { repeats, run, most };
}

Deno.test("timeInTurns() has so many repetitions share a wait that it hardly counts, but no more than may be under way", async () => {
  const short = work(0.1);
  const upload = work(0.1, 30);
  const [free] = await timeInTurns([short, upload], { rounds: 1, milliseconds: 200 });
  assert(free >= 0.1 && free < 0.15, `${free} ms`);
  assertEquals(Math.max(...upload.repeats), 30);
});
