import { makeCases } from "../../bench/peers/photos/make_cases.ts";
import { CASES } from "../../bench/peers/photos/cases.ts";
import { writePng } from "../../bench/peers/photos/files.ts";
import { onEach, runSettings, type Setting } from "../../bench/peers/photos/runner.ts";
import { scoreFolder, scoreTable } from "../../bench/peers/photos/score.ts";
import { median, timeTable } from "../../bench/peers/photos/time.ts";
import { decodeRgb } from "../../src/data/decode.ts";
import { evaluateFolder } from "../../src/evaluate/evaluate_folder.ts";
import { assert, assertEquals, assertMatch, assertRejects, isUserError } from "../assert.ts";
import { testPixels, withFolder, writeTestPhoto } from "../data/photos.ts";

const ENLARGE = "set5 x2";
const JPEG = "set14 jpeg 20";

/** Cases of two small sets, one photo of odd size and one grey among them. */
async function cases(dir: string): Promise<string> {
  await writeTestPhoto(`${dir}/sets/Set5/a.png`, 41, 30, testPixels(41, 30, 1));
  const grey = testPixels(32, 28, 2).map((_, i, all) => all[i - i % 3]);
  await writePng(`${dir}/sets/Set5/b.png`, grey.filter((_, i) => i % 3 === 0), 32, 28, 1);
  await writeTestPhoto(`${dir}/sets/set14/c.png`, 37, 26, testPixels(37, 26, 3));
  const folder = `${dir}/cases`;
  const wanted = CASES.filter(({ name }) => [ENLARGE, JPEG, "b100 x2"].includes(name));
  assertEquals(await makeCases([`${dir}/sets`], folder, wanted), [ENLARGE, JPEG]);
  return folder;
}

Deno.test("scoreFolder() gives the pictures of makeCases() the figures that evaluate gives their damage", () =>
  withFolder(async (dir) => {
    const folder = await cases(dir);
    const scores = await scoreFolder(folder);
    assertEquals(scores.map((score) => [score.case, score.program, score.photos]), [
      [ENLARGE, "input", 2],
      [JPEG, "input", 1],
    ]);
    for (const [i, [set, recipe]] of [["Set5", "shrink:2"], ["set14", "jpeg:20"]].entries()) {
      const { mean } = await evaluateFolder({ data: `${dir}/sets/${set}`, recipe, seed: 1, restorers: [] });
      assertEquals([scores[i].psnr, scores[i].psnrY], [mean.degraded.psnr, mean.degraded.psnrY]);
    }
  }));

Deno.test("scoreFolder() measures a program's files, and names one that is missing or of another size", () =>
  withFolder(async (dir) => {
    const folder = await cases(dir);
    const answers = `${folder}/${JPEG}/off by 5`;
    await Deno.mkdir(answers);
    const { rgb, width, height } = await decodeRgb(`${folder}/${JPEG}/original/c.png`);
    await writePng(
      `${answers}/c.png`,
      rgb.map((value) => value > 100 ? value - 5 : value + 5),
      width,
      height,
    );
    const [, , score] = await scoreFolder(folder);
    assertEquals([score.program, score.photos], ["off by 5", 1]);
    assert(Math.abs(score.psnr - 20 * Math.log10(255 / 5)) < 1e-9, `${score.psnr} dB`);

    await writePng(`${answers}/c.png`, rgb.subarray(0, 3 * 12), 4, 3);
    await assertRejects(scoreFolder(folder), isUserError(/off by 5\/c\.png/, /4×3/));
    await Deno.remove(`${answers}/c.png`);
    await assertRejects(scoreFolder(folder), isUserError(/off by 5\/c\.png/));
    await assertRejects(scoreFolder(`${dir}/sets`), isUserError(/make_cases/));
  }));

Deno.test("runSettings() runs what fits and has not been run, and goes on where it was stopped", () =>
  withFolder(async (dir) => {
    const folder = await cases(dir);
    let calls = 0;
    let broken = true;
    const doubled: Setting = {
      name: "doubled",
      scale: 2,
      run: onEach(2, ({ rgb, width, height }) => {
        if (++calls === 2 && broken) throw new Error("stopped");
        return Promise.resolve(Float32Array.from({ length: width * height * 12 }, (_, i) => {
          const [x, y] = [Math.floor(i / 3) % (2 * width), Math.floor(i / 3 / (2 * width))];
          return rgb[((y >> 1) * width + (x >> 1)) * 3 + i % 3] + (i % 2 ? 300 : -300);
        }));
      }),
    };
    await assertRejects(runSettings(folder, [doubled]), /stopped/);
    assertEquals((await scoreFolder(folder)).filter(({ program }) => program === "doubled").length, 0);
    broken = false;
    await runSettings(folder, [doubled, { ...doubled, name: "elsewhere", fits: () => false }]);
    await runSettings(folder, [doubled]);
    assertEquals(calls, 3);
    assertEquals(
      (await decodeRgb(`${folder}/${ENLARGE}/doubled/a.png`)).rgb.slice(0, 6),
      Uint8Array.of(0, 255, 0, 255, 0, 255),
    );
    assertEquals((await scoreFolder(folder)).map(({ program }) => program), ["input", "doubled", "input"]);
  }));

Deno.test("scoreTable() has a row a program and a column a case, enlargements apart", () => {
  const score = (name: string, program: string, psnr: number, psnrY: number) => ({
    ...{ case: name, program, photos: 5, psnr, psnrY },
  });
  const table = scoreTable([
    score(ENLARGE, "input", 30.126, 31.5),
    score(ENLARGE, "ours", 33, 34.25),
    score("set14 x2", "input", 28, 29),
    score(JPEG, "input", 27.5, 99),
  ]);
  assertMatch(table, /^\| {2}\| set5 x2 \(5\) \| set14 x2 \(5\) \|\n\| --- \| --- \| --- \|\n/);
  assertMatch(
    table,
    /\n\| input \| 31\.50, 30\.13 \| 29\.00, 28\.00 \|\n\| ours \| 34\.25, 33\.00 \| – \|\n/,
  );
  assertEquals(scoreTable([score(JPEG, "input", 27.5, 99)]), table.split("\n\n")[1]);
  assertMatch(table, /\n\n\| {2}\| set14 jpeg 20 \(5\) \|\n\| --- \| --- \|\n\| input \| 27\.50 \|$/);
});

Deno.test("timeTable() has the medians of all runs", () => {
  const runs = (...seconds: number[]) => seconds.map((value) => ({ seconds: value, kilobytes: 1e6 * value }));
  const table = timeTable({
    "one 512": runs(3, 1, 2),
    "two x2 512": runs(4, 1),
    "one 1024": runs(9, 5, 5, 6),
  });
  assertMatch(table, /\| one \| 2\.00 s, 2048 MB \| 5\.50 s, 5632 MB \| 3 \|/);
  assertMatch(table, /\| two x2 \| 2\.50 s, 2560 MB \| – \| 2 \|/);
  assertEquals(median([7, 1, 5]), 5);
});
