import { assert, assertEquals, assertRejects } from "../assert.ts";
import { Random } from "../../src/base/random.ts";
import { type PipelineLimits, runPipeline } from "../../src/batch/pipeline.ts";

/** Items that take a random number of turns of the event loop in each stage, with a record of what went on. */
function trial(count: number, seed: number, limits: Partial<PipelineLimits> = {}) {
  const random = new Random(seed, 7);
  const events: string[] = [];
  const inMemory = new Set<number>();
  const most = { items: 0, weight: 0, working: 0, overlap: 0 };
  const busy = { load: 0, work: 0, store: 0 };
  const weights = Array.from({ length: count }, () => 1 + random.below(9));
  const stage = async (name: keyof typeof busy, item: number) => {
    busy[name]++;
    inMemory.add(item);
    most.items = Math.max(most.items, inMemory.size);
    most.weight = Math.max(most.weight, [...inMemory].reduce((sum, each) => sum + weights[each], 0));
    most.working = Math.max(most.working, busy.work);
    most.overlap = Math.max(most.overlap, Object.values(busy).filter((each) => each > 0).length);
    for (let turns = random.below(6); turns >= 0; turns--) await new Promise((done) => setTimeout(done, 0));
    busy[name]--;
    events.push(`${name} ${item}`);
  };
  const reported: string[] = [];
  const stages = {
    failing: {} as Record<number, keyof typeof busy>,
    load: async (item: number) => {
      await stage("load", item);
      if (stages.failing[item] === "load") throw new Error("load");
      return item;
    },
    weigh: (item: number) => weights[item],
    work: async (loaded: number, item: number) => {
      assertEquals(loaded, item);
      await stage("work", item);
      if (stages.failing[item] === "work") throw new Error("work");
      return `worked ${item}`;
    },
    store: async (worked: string, item: number) => {
      assertEquals(worked, `worked ${item}`);
      await stage("store", item);
      inMemory.delete(item);
      if (stages.failing[item] === "store") throw new Error("store");
      return `stored ${item}`;
    },
    failed: (error: unknown, item: number) => {
      inMemory.delete(item);
      return `${(error as Error).message} of ${item} failed`;
    },
  };
  const run = () =>
    runPipeline(
      Array.from({ length: count }, (_, i) => i),
      stages,
      { items: 3, weight: 1000, ...limits },
      (result) => void reported.push(result),
    );
  return { run, stages, events, reported, most, inMemory };
}

Deno.test("runPipeline() loads, works and stores at the same time, works on one item at a time and in order, and keeps to its bound", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const { run, events, reported, most, inMemory } = trial(30, seed);
    const results = await run();
    assertEquals(results, Array.from({ length: 30 }, (_, i) => `stored ${i}`));
    assertEquals(reported, results);
    assertEquals(
      events.filter((event) => event.startsWith("work")),
      Array.from({ length: 30 }, (_, i) => `work ${i}`),
    );
    assertEquals([most.items, most.working, most.overlap], [3, 1, 3]);
    assertEquals(inMemory.size, 0);
  }
});

Deno.test("runPipeline() begins no item while those in memory weigh too much, however heavy one is by itself", async () => {
  // Each weighs from 1 to 9: with a bound of 1 there is one at a time.
  const heavy = trial(12, 6, { items: 8, weight: 1 });
  assertEquals((await heavy.run()).length, 12);
  assertEquals(heavy.most.items, 1);
  // What is loaded while the bound is not reached yet may pass it by the difference between the heaviest and the lightest, and its own weight.
  const several = trial(40, 6, { items: 30, weight: 20 });
  assertEquals((await several.run()).length, 40);
  assert(several.most.items > 2 && several.most.weight < 40, JSON.stringify(several.most));
  const narrow = trial(12, 6, { items: 1, weight: 1000 });
  await narrow.run();
  assertEquals([narrow.most.items, narrow.most.overlap], [1, 1]);
});

Deno.test("runPipeline() goes on after an item that fails in any stage", async () => {
  const { run, stages, reported } = trial(9, 8);
  stages.failing = { 0: "load", 3: "work", 4: "store", 8: "load" };
  const results = await run();
  assertEquals(
    results,
    Array.from(
      { length: 9 },
      (_, i) => stages.failing[i] ? `${stages.failing[i]} of ${i} failed` : `stored ${i}`,
    ),
  );
  assertEquals(reported, results);
});

Deno.test("runPipeline() ends with what `failed` throws, after what is being stored", async () => {
  const { run, stages, events, inMemory } = trial(20, 9);
  stages.failing = { 6: "work" };
  stages.failed = (error, item) => {
    inMemory.delete(item);
    throw new Error(`no more after ${(error as Error).message}`);
  };
  await assertRejects(run(), /^Error: no more after work$/);
  for (const item of [0, 1, 2, 3, 4, 5]) assert(events.includes(`store ${item}`));
  assert(!events.includes("work 7"));
  assertEquals(inMemory.size, 0);
});

Deno.test("runPipeline() stops at the signal: what is being stored is finished, nothing else is worked on", async () => {
  const controller = new AbortController();
  const { run, stages, events } = trial(20, 10, { signal: controller.signal });
  const work = stages.work;
  stages.work = async (loaded, item) => {
    if (item === 5) controller.abort(new Error("enough"));
    return await work(loaded, item);
  };
  await assertRejects(run(), /^Error: enough$/);
  assert(!events.includes("work 6"));
  assert(events.includes("store 4"));
  // One that would be loaded for ever is given up, and so are those after it.
  const endless = new AbortController();
  const waiting = trial(20, 13, { signal: endless.signal });
  const { load } = waiting.stages;
  waiting.stages.load = (item) => {
    if (item < 5) return load(item);
    queueMicrotask(() => endless.abort(new Error("enough")));
    return new Promise(() => {});
  };
  await assertRejects(waiting.run(), /^Error: enough$/);
  assert(!waiting.events.some((event) => event.startsWith("work 5")));
  await assertRejects(trial(3, 11, { signal: controller.signal }).run(), /^Error: enough$/);
  assertEquals(await trial(0, 12).run(), []);
});
