import { assert, assertEquals, assertRejects } from "../assert.ts";
import { StageClock } from "../../src/batch/stage_clock.ts";

Deno.test("StageClock adds stages up, and tells the device's share of the time of the work", async () => {
  const clock = new StageClock();
  assertEquals([clock.seconds, clock.busy], [{}, undefined]);
  const times = { prepare: 4, upload: 1, network: 5, download: 2 };
  const network = {
    get times() {
      return { ...times };
    },
  };
  const { result, seconds } = await clock.work([network, network], async () => {
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 40));
    // As if the device had been at work half of it, and a quarter each had gone for the ways there and back.
    const spent = (performance.now() - start) / 1000;
    times.upload += spent / 4;
    times.network += spent / 2;
    times.download += spent / 4;
    return "done";
  });
  assertEquals(result, "done");
  // Given twice, it counts once.
  assert(Math.abs(seconds.network! - 2 * seconds.upload!) < 1e-9 && seconds.upload! >= 0.0099);
  assert(seconds.tiles! > -1e-9 && seconds.tiles! < seconds.network!);
  clock.add({ decode: 0.5, ...seconds });
  clock.add({ decode: 0.25, encode: 1 });
  assertEquals([clock.seconds.decode, clock.seconds.encode, clock.seconds.write], [0.75, 1, undefined]);
  assert(clock.busy! > 0.2 && clock.busy! <= 0.501, `${clock.busy}`);
  await assertRejects(clock.work([{}], () => Promise.reject(new Error("no"))), /no/);
});
