import { openPhotos } from "../../src/data/open.ts";
import { UserError } from "../../src/base/errors.ts";
import { runTrials, type RunTrialsOptions } from "../../src/trials/run_trials.ts";
import { saveReport } from "../../src/trials/save_report.ts";
import { PRESETS, TRIALS } from "../../src/trials/settings.ts";
import { buildDataset } from "../../src/data/dataset.ts";
import { parseRecipe } from "../../src/degrade/recipe.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { withFolder } from "../data/photos.ts";
import { testGpu } from "../gpu/shared.ts";
import { writePhotos } from "../train/runs.ts";

/** The smallest trials that show something. */
const TINY = {
  ...PRESETS.cpu,
  ...{ widths: [4, 4], steps: 3, batch: 2, patch: 16, testPhotos: 2, testSize: 40, patches: 60 },
};

async function run(dir: string, more: Partial<RunTrialsOptions> = {}, data = `${dir}/photos`) {
  return await runTrials({
    ...{ gpu: await testGpu(), source: await openPhotos(data), data, out: `${dir}/out`, preset: TINY },
    ...{ seed: 2, version: "1.2.3", patchMethods: false },
    ...more,
  });
}

Deno.test("runTrials() trains four networks once, tests each on every damage, and says the same again", async () => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`, 5);
    const steps: number[] = [];
    const outcome = await run(dir, {
      patchMethods: true,
      onTraining: ({ number }, progress) => steps[number] = progress.step,
    });
    assert(outcome);
    const { report, pictures } = outcome;
    assertEquals(steps.slice(1), [3, 3, 3, 6]);
    const { train, validation, test } = report.split;
    assertEquals([
      train.length + validation.length + test.length,
      new Set([...train, ...validation, ...test]).size,
    ], [5, 5]);
    assertEquals(
      report.trials.map(({ recipe }) => recipe),
      TRIALS.map(({ recipe }) => parseRecipe(recipe).text),
    );
    assertEquals(report.trials[0].methods.map(({ name }) => name), [
      "U-Net",
      "Isomap",
      "PCA + neighbours",
      "neighbours",
    ]);
    assertEquals(report.trials[0].low.psnr.mean, Infinity);
    report.trials.forEach((trial, i) => {
      assertEquals(trial.photos.map(({ name }) => name), test);
      assertEquals(report.transfer[i][i], trial.methods[0].summary.psnr.mean);
      assertEquals(trial.history.at(-1)!.step, trial.steps);
      assert(trial.isomap!.connected > 0.5 && trial.informed!.psnr.mean > 10);
      for (const { cost, summary } of trial.methods) {
        assert(cost.prepareSeconds > 0 && cost.secondsPerMegapixel > 0 && cost.macsPerPixel > 0);
        assert(summary.psnr.mean > 5 && summary.psnr.mean < 60);
      }
      assertEquals(pictures[i].map(({ pictures }) => pictures.restored.length), test.map(() => 4));
    });
    assert(report.transfer.flat().every(Number.isFinite));

    const { page } = await saveReport(`${dir}/out`, outcome);
    assert((await Deno.readTextFile(page)).includes("Isomap and the older methods"));
    assertEquals(JSON.parse(await Deno.readTextFile(`${dir}/out/trials.json`)).transfer, report.transfer);

    // Again: nothing is trained, and the figures are the same to the last bit.
    const models = () =>
      TRIALS.map(({ number }) => Deno.statSync(`${dir}/out/trial${number}/model.safetensors`).mtime);
    const before = models();
    const again = await run(dir, { patchMethods: true, onTraining: () => assert(false, "it trains again") });
    assertEquals(models(), before);
    assertEquals(again!.report.transfer, report.transfer);
    assertEquals(again!.report.trials.map(({ photos }) => photos), report.trials.map(({ photos }) => photos));
    assertEquals(
      again!.report.trials.map(({ methods }) => methods[0].cost.prepareSeconds),
      report.trials.map(({ methods }) => methods[0].cost.prepareSeconds),
    );
  });
});

Deno.test("runTrials() stopped in training goes on to the weights of a run that was never stopped", async () => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`, 4);
    const straight = await run(dir, { out: `${dir}/straight` });
    const stop = new AbortController();
    const stopped = await run(dir, {
      signal: stop.signal,
      onTraining: ({ number }) => {
        if (number === 2) stop.abort();
      },
    });
    assertEquals(stopped, undefined);
    const files = [...Deno.readDirSync(`${dir}/out`)].map(({ name }) => name).sort();
    assertEquals(files, ["settings.json", "trial1", "trial2"]);
    const resumed = await run(dir);
    assertEquals(resumed!.report.transfer, straight!.report.transfer);
  });
});

Deno.test("runTrials() refuses a folder that holds trials of other settings, naming the first that differs", async () => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`, 4);
    const stop = AbortSignal.abort();
    assertEquals(await run(dir, { signal: stop }), undefined);
    const refused = async (more: Partial<RunTrialsOptions>, pattern: RegExp) =>
      await assertRejects(run(dir, { ...more, signal: stop }), (error) => {
        assert(error instanceof UserError && error.exitCode === 2, String(error));
        assert(pattern.test(error.message) && !error.message.includes("\n"), error.message);
        return true;
      });
    await refused(
      { seed: 3 },
      /^Cannot go on in '.*out': its trials have seed 2, this run asks for 3; choose another --out$/,
    );
    await refused({ preset: { ...TINY, steps: 4 } }, /its trials have steps 3, this run asks for 4/);
    await writePhotos(`${dir}/photos`, 6);
    await refused({}, /its trials have train .*, this run asks for/);
  });
});

Deno.test("runTrials() works on a built data set: adds its damage to the low side and tests on what is held out", async () => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`, 5);
    await buildDataset({
      ...{ from: [`${dir}/photos`], out: `${dir}/set`, size: 40, seed: 3 },
      recipe: parseRecipe("gaussian:20"),
    });
    const outcome = await run(dir, { preset: { ...TINY, testPhotos: 1 } }, `${dir}/set`);
    const { report } = outcome!;
    assert(report.paired);
    const { split } = JSON.parse(await Deno.readTextFile(`${dir}/set/dataset.json`));
    const names = JSON.parse(await Deno.readTextFile(`${dir}/set/dataset.json`)).photos;
    assertEquals(report.split.test, [names[split.validation[0]]]);
    // Noise of sigma 20 is at 22 dB; a blur on top takes most of it away, and some of the picture.
    const [first, second] = report.trials.map(({ low }) => low.psnr.mean);
    assert(Math.abs(first - 22.1) < 1.5, `${first}`);
    assert(Math.abs(second - first) > 0.3, `${second}`);
  });
});
