import { narrate, tintOf } from "../../src/trials/narrative.ts";
import { signed } from "../../src/trials/wording.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { type MadeUpTrial, reportOf } from "./reports.ts";

const bare: MadeUpTrial = { low: Infinity, network: 34 };
const blur: MadeUpTrial = { low: 25, network: 27.5 };
const strong: MadeUpTrial = { low: 22, network: 22.4 };
const mild: MadeUpTrial = { low: 26, network: 29 };

const all = (report: ReturnType<typeof reportOf>) => {
  const { summary, trials, transfer, colour, patches } = narrate(report);
  return [...summary, ...trials.flat(), ...transfer, ...colour, ...patches].join("\n");
};

Deno.test("narrate() says which network gains most, and with the figures swapped another", () => {
  const [, best, worst] = narrate(reportOf([bare, blur, strong, mild])).summary;
  assertEquals(
    best,
    "The network of trial 4 gains most on its own damage: 26.00 dB become 29.00 dB (+3.00).",
  );
  assertEquals(worst, "That of trial 3 gains least: +0.40 dB, from 22.00 dB.");
  const [, other, last] = narrate(reportOf([bare, mild, blur, strong])).summary;
  assertEquals(
    other,
    "The network of trial 2 gains most on its own damage: 26.00 dB become 29.00 dB (+3.00).",
  );
  assertEquals(last, "That of trial 4 gains least: +0.40 dB, from 22.00 dB.");
  const losing = { low: 25, network: 24 };
  assertMatch(
    narrate(reportOf([bare, losing, losing, losing])).summary[1],
    /^No network makes its pictures better: the best, that of trial 2, changes them by −1\.00 dB\.$/,
  );
});

Deno.test("narrate() finds nothing to learn above 45 dB and only there", () => {
  const lessons = (low: number) =>
    narrate(reportOf([{ low, network: 34 }, blur, strong, mild])).summary.filter((line) =>
      /nothing to learn/.test(line)
    );
  assertEquals(lessons(Infinity), [
    "In trial 1 there is nothing to learn: the low side is at ∞ dB before any network has touched it, and at 34.00 dB after.",
  ]);
  assertEquals(lessons(46).length, 1);
  assertEquals(lessons(44), []);
  const [own, loss] = narrate(reportOf([bare, blur, strong, mild])).trials[0];
  assertMatch(own, /^Low and high are the same pictures: a network has nothing to learn/);
  assertMatch(loss, /^What it predicts is 34\.00 dB \(± 0\.82\) from the original/);
});

Deno.test("narrate() says whether the fourth trial mends the third, also on the same pictures", () => {
  const mended = (third: MadeUpTrial, fourth: MadeUpTrial, transfer?: number[][]) =>
    narrate(reportOf([bare, blur, third, fourth], transfer)).summary.slice(-2);
  const table = [[34, 24, 20, 24], [30, 27.5, 21, 25], [28, 24, 22.4, 25], [40, 26, 23, 29]];
  assertEquals(mended(strong, mild, table), [
    "The fourth trial mends the third: its gain is +3.00 dB where that of the third is +0.40 dB, on damage that is milder by 4.00 dB.",
    "On the same pictures: on the third trial's damage its network is 0.60 dB better than the third's (23.00 and 22.40 dB), " +
    "and on the fourth's its network is 4.00 dB better than the third's (29.00 and 25.00 dB).",
  ]);
  assertMatch(
    mended(mild, { low: 22, network: 22.4 })[0],
    /^The fourth trial does not mend the third: its gain is \+0\.40 dB, that of the third \+3\.00 dB, on damage that is stronger by 4\.00 dB\.$/,
  );
  assertMatch(
    mended({ low: 22, network: 19 }, { low: 22, network: 21.5 })[0],
    /^The fourth trial is better than the third but not yet good: −0\.50 dB against −3\.00 dB, on damage that is as strong\.$/,
  );
  const worse = [[34, 24, 20, 24], [30, 27.5, 21, 25], [28, 24, 24, 29], [40, 26, 22, 29.04]];
  assertMatch(
    mended(strong, mild, worse)[1],
    /2\.00 dB worse than the third's \(22\.00 and 24\.00 dB\), and on the fourth's both networks do alike/,
  );
});

Deno.test("narrate() tells of each trial whether it helps, on how many photos, and where SSIM disagrees", () => {
  const { trials } = narrate(reportOf([
    bare,
    blur,
    { low: 25, network: 24.95 },
    { low: 25, network: 23, ssim: [0.7, 0.75] },
  ]));
  assertEquals(trials[1], [
    "The network makes the pictures better: 25.00 → 27.50 dB (+2.50); it is better on 3 of 3 photos.",
  ]);
  assertEquals(trials[2], [
    "The network leaves the pictures as they are: 25.00 → 24.95 dB (−0.05); it is better on 0 of 3 photos.",
  ]);
  assertEquals(trials[3], [
    "The network makes the pictures worse: 25.00 → 23.00 dB (−2.00); it is better on 0 of 3 photos.",
    "SSIM says otherwise: 0.700 → 0.750.",
  ]);
});

Deno.test("narrate() reads the matrix: each its own best, one best of all, or strangers ahead", () => {
  const about = (transfer: number[][]) =>
    narrate(reportOf([{ low: 30, network: 31 }, blur, strong, mild], transfer)).transfer;
  const own = [[31, 24, 21, 25], [29, 27, 21, 26.5], [28, 25.5, 23, 25], [29, 24, 21, 29]];
  assertEquals(about(own), [
    "Each network is the best one on the damage that it was trained on.",
    "What trial 1 has learned helps on no other trial's damage (2, 3, 4: −1.00, −1.00, −1.00 dB).",
    "What trial 2 has learned also helps on the damage of 4 (+0.50 dB), not on that of 1, 3 (−1.00, −1.00 dB).",
    "What trial 3 has learned also helps on the damage of 2 (+0.50 dB), not on that of 1, 4 (−2.00, −1.00 dB).",
    "What trial 4 has learned helps on no other trial's damage (1, 2, 3: −1.00, −1.00, −1.00 dB).",
  ]);
  const last = own.map((row, i) => i === 3 ? [33, 33, 33, 33] : row);
  assertEquals(about(last)[0], "The network of trial 4 is the best one on every damage.");
  assertEquals(
    about(last)[4],
    "What trial 4 has learned also helps on the damage of 1, 2, 3 (+3.00, +8.00, +11.00 dB).",
  );
  const stranger = own.map((row, i) => i === 0 ? [31, 28, 21, 25] : row);
  assertEquals(
    about(stranger)[0],
    "On the damage of trial 2 the network of trial 1 (28.00 dB) is ahead of its own (27.00 dB).",
  );
});

Deno.test("narrate() names the tint and the change of brightness that were measured", () => {
  const colours = narrate(reportOf([
    { ...bare, shift: [-1, 2, -1] },
    { ...blur, shift: [3, 1, 2] },
    { ...strong, shift: [0.2, -0.2, 0] },
    { ...mild, shift: [-3, -3, -6] },
  ])).colour;
  assertEquals(colours, [
    "Trial 1: the prediction has a green tint of 2.00 (R −1.00, G +2.00, B −1.00 of 255).",
    "Trial 2: the prediction has a red tint of 1.00, and is brighter by 2.00 (R +3.00, G +1.00, B +2.00 of 255).",
    "Trial 3: the prediction has no tint worth the name (R +0.20, G −0.20, B 0.00 of 255).",
    "Trial 4: the prediction has a yellow tint of 2.00, and is darker by 4.00 (R −3.00, G −3.00, B −6.00 of 255).",
  ]);
  assertEquals(tintOf([5, 2, 5]), { colour: "magenta", amount: 2 });
});

Deno.test("narrate() says by how much Isomap wins or loses, and what that is made of", () => {
  const patches = (
    figures: readonly [number, number, number, number],
    network = 27,
    seconds?: readonly [number, number],
  ) =>
    narrate(
      reportOf(
        [bare, blur, strong, mild].map((made) => ({ ...made, network, patches: figures, seconds })) as never,
      ),
    ).patches;
  const losing = patches([24, 24.6, 24.5, 25]);
  assertEquals(losing.slice(0, 4), [
    "Isomap loses to the U-Net: ahead in 0 of 4 trials, behind in 4 (−3.00, −3.00, −3.00, −3.00 dB in trials 1, 2, 3, 4).",
    "Isomap loses to PCA: ahead in 0 of 4 trials, behind in 4 (−0.60, −0.60, −0.60, −0.60 dB in trials 1, 2, 3, 4).",
    "Isomap loses to plain neighbours: ahead in 0 of 4 trials, behind in 4 (−0.50, −0.50, −0.50, −0.50 dB in trials 1, 2, 3, 4).",
    "Trial 1: Isomap is 3.00 dB behind the U-Net; its choice of neighbours costs 1.00 dB, for those that are nearest to the original " +
    "would give 25.00 dB, and even so 2.00 dB would be missing: the remembered patches do not hold what the network makes. " +
    "Against the same patches compared pixel by pixel the embedding loses 0.50 dB: of a patch's ten nearest it keeps 50 % among the ten nearest.",
  ]);
  assertMatch(
    losing.at(-1)!,
    /^A megapixel takes Isomap 20\.0 s and the U-Net 2\.0 s \(10\.0 times as long\), for 20,001 and 20,000 multiply-adds a pixel/,
  );
  const winning = patches([28, 24.6, 28, 27.9], 27, [3, 1.5]);
  assertMatch(winning[0], /^Isomap beats the U-Net: ahead in 4 of 4 trials, behind in 0 \(\+1\.00/);
  assertMatch(winning[1], /^Isomap beats PCA/);
  assertMatch(
    winning[2],
    /^Isomap is on a par with plain neighbours: ahead in 0 of 4 trials, behind in 0 \(0\.00/,
  );
  assertMatch(
    winning[3],
    /^Trial 1: Isomap is 1\.00 dB ahead of the U-Net; its choice of neighbours costs nothing/,
  );
  assert(!/would be missing/.test(winning[3]));
  assertMatch(winning.at(-1)!, /2\.0 times as fast/);
  assertEquals(narrate(reportOf([bare, blur, strong, mild])).patches, []);
});

Deno.test("narrate() has no sentence that does not depend on the figures", () => {
  const patches = [24, 24.6, 24.5, 25] as const;
  const first = reportOf(
    [bare, blur, strong, mild].map((made) => ({ ...made, patches, shift: [1, 0, 0] })) as never,
  );
  const second = reportOf(
    [{ low: 41, network: 30 }, { low: 30, network: 29 }, { low: 20, network: 24 }, { low: 29, network: 29.5 }]
      .map((made) => ({
        ...made,
        patches: [26, 25, 24, 23.5],
        shift: [0, 0, 3],
        seconds: [5, 3],
        kept: 0.9,
      })) as never,
    [[30, 28.5, 18, 28], [39, 29, 18.5, 28.5], [38, 28, 24, 27], [36, 27, 19, 29.5]],
  );
  const lines = new Set(all(first).split("\n"));
  assertEquals(all(second).split("\n").filter((line) => lines.has(line)), []);
});

Deno.test("signed() writes a sign unless the figure rounds to 0", () => {
  assertEquals([1.234, -0.5, 0, -0.001].map((value) => signed(value)), ["+1.23", "−0.50", "0.00", "0.00"]);
});
