import { timeInTurns } from "../../bench/timing.ts";
import { assert, assertEquals } from "../assert.ts";

/** A clock that stands still but for what `work()` takes of it: no test depends on how busy the machine is. */
class Clock implements Disposable {
  #time = 0;
  readonly #real = performance.now;

  constructor() {
    performance.now = () => this.#time;
  }

  /** Work whose repetitions take so long each, and whose one wait takes 10 ms, as the runtime's does. */
  work(milliseconds: number, most?: number) {
    const repeats: number[] = [];
    const run = (repeat: number) => {
      repeats.push(repeat);
      this.#time += 10 + repeat * milliseconds;
      return Promise.resolve();
    };
    return { repeats, run, most };
  }

  [Symbol.dispose](): void {
    performance.now = this.#real;
  }
}

Deno.test("timeInTurns() has so many repetitions share a wait that it hardly counts, but no more than may be under way", async () => {
  using clock = new Clock();
  const short = clock.work(0.1);
  const upload = clock.work(0.1, 30);
  const [free] = await timeInTurns([short, upload], { rounds: 1, milliseconds: 200 });
  assert(free >= 0.1 && free < 0.12, `${free} ms`);
  assertEquals(Math.max(...upload.repeats), 30);
});
