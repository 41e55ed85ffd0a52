import { bilateral, estimateNoise, unsharpMask } from "../../src/evaluate/classical.ts";
import { switchingMean, switchingMedian } from "../../src/evaluate/impulses.ts";
import { median3x3 } from "../../src/evaluate/median.ts";
import { nonLocalMeans } from "../../src/evaluate/non_local_means.ts";
import { parseRestorers } from "../../src/evaluate/restorer.ts";
import { UserError } from "../../src/base/errors.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../assert.ts";
import { smoothPicture } from "./pictures.ts";

const [width, height] = [20, 14];
const random = new Random(4);
const input = smoothPicture(width, height).map((value) => value + 8 * random.normal());
for (let i = 0; i < 9; i++) input.fill(i % 2 ? 255 : 0, i * 84, i * 84 + 3);

Deno.test("parseRestorers() gives the filters it names, with their numbers", async () => {
  const restorers = parseRestorers(
    "median, unsharp,unsharp:1.5:0.5,switching-median,switching-mean,bilateral,bilateral:30,nlm,nlm:9",
  );
  assertEquals(
    restorers.map(({ name }) => name),
    [
      "median",
      "unsharp",
      "unsharp:1.5:0.5",
      "switching-median",
      "switching-mean",
      "bilateral",
      "bilateral:30",
      "nlm",
      "nlm:9",
    ],
  );
  const noise = estimateNoise(input, width, height);
  const expected = [
    median3x3(input, width, height),
    unsharpMask(input, width, height, 1, 2),
    unsharpMask(input, width, height, 1.5, 0.5),
    switchingMedian(input, width, height),
    switchingMean(input, width, height),
    bilateral(input, width, height, 2 * noise),
    bilateral(input, width, height, 30),
    nonLocalMeans(input, width, height, noise),
    nonLocalMeans(input, width, height, 9),
  ];
  const before = input.slice();
  for (const [i, { name, restore }] of restorers.entries()) {
    assertEquals(await restore(input, width, height), expected[i], name);
    assert(
      expected.every((other, j) => j === i || other.some((value, k) => value !== expected[i][k])),
      `${name} is like another`,
    );
  }
  assertEquals(input, before);
});

Deno.test("parseRestorers() runs what a + joins one after the other", async () => {
  const [restorer] = parseRestorers("switching-mean+unsharp:1:3");
  assertEquals(restorer.name, "switching-mean+unsharp:1:3");
  const expected = unsharpMask(switchingMean(input, width, height), width, height, 1, 3);
  assertEquals(await restorer.restore(input, width, height), expected);
});

Deno.test("parseRestorers() says in one line what is wrong", () => {
  for (
    const [list, pattern] of [
      ["", /no filter ''/],
      ["median,meadian", /no filter 'meadian'.*there are median, unsharp\[:SIGMA\]\[:AMOUNT\]/],
      ["median:3", /'median' takes no numbers, not 1/],
      ["unsharp:0", /SIGMA of 'unsharp' must be a number from 0.1 to 20, not '0'/],
      ["unsharp:1:", /AMOUNT/],
      ["nlm:x", /SIGMA of 'nlm'/],
      ["toString", /no filter/],
    ] as const
  ) {
    assertThrows(() => parseRestorers(list), (error: unknown) => {
      assert(error instanceof UserError && error.exitCode === 2, `${list}: ${error}`);
      assertMatch(error.message, pattern);
      assert(!error.message.includes("\n"));
      return true;
    });
  }
});
