import { Gate, inOrder } from "../../src/data/in_order.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

const pause = (turns: number) => new Promise((resolve) => setTimeout(resolve, turns));

Deno.test("inOrder() keeps the order and the width, whatever takes longer", async () => {
  const random = new Random(1);
  let running = 0, most = 0;
  const items = Array.from({ length: 30 }, (_, i) => i);
  const results: [number, number][] = [];
  for await (
    const result of inOrder(items, 4, async (item) => {
      most = Math.max(most, ++running);
      await pause(random.below(4));
      running--;
      return item * item;
    })
  ) results.push(result);
  assertEquals(results, items.map((item) => [item, item * item]));
  assertEquals(most, 4);
});

Deno.test("inOrder() throws a failure in its turn, and waits for what was begun", async () => {
  let running = 0;
  const seen: number[] = [];
  const all = async () => {
    for await (
      const [item] of inOrder([0, 1, 2, 3, 4, 5], 3, async (item) => {
        running++;
        await pause(item === 2 ? 0 : 2);
        running--;
        if (item === 2) throw new Error("two");
      })
    ) seen.push(item);
  };
  await assertRejects(all, /two/);
  assertEquals([seen, running], [[0, 1], 0]);
});

Deno.test("Gate keeps the weights inside within its bound, and lets what is heavier in alone", async () => {
  const random = new Random(2);
  const gate = new Gate(10);
  const inside: number[] = [];
  const order: number[] = [];
  const weights = Array.from({ length: 40 }, (_, i) => i % 9 === 4 ? 25 : 1 + random.below(6));
  await Promise.all(weights.map((weight, i) =>
    gate.run(weight, async () => {
      order.push(i);
      inside.push(weight);
      const sum = inside.reduce((total, each) => total + each, 0);
      assert(sum <= 10 || inside.length === 1, `${inside}`);
      await pause(random.below(3));
      inside.splice(inside.indexOf(weight), 1);
    })
  ));
  assertEquals(order, weights.map((_, i) => i), "first come, first served");
  await assertRejects(() => gate.run(10, () => Promise.reject(new Error("no"))), /no/);
  assertEquals(await gate.run(10, () => Promise.resolve("free again")), "free again");
});
