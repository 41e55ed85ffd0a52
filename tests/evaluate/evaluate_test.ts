import { evaluatePairs, meanOf, type Pictures, type Scores, scoresOf } from "../../src/evaluate/evaluate.ts";
import { evaluateFolder } from "../../src/evaluate/evaluate_folder.ts";
import { channelShift, mse, psnr, psnrY, ssim } from "../../src/evaluate/metrics.ts";
import { degradedFolder, type Pair } from "../../src/evaluate/pairs.ts";
import { enlargeSamples } from "../../src/image/resample.ts";
import { cropReflected } from "../../src/image/crop.ts";
import { parseRestorers, type Restorer } from "../../src/evaluate/restorer.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { smoothPicture, writePng } from "./pictures.ts";

const [width, height] = [30, 22];

async function withPhotos(count: number, act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "clairnet evaluate " });
  try {
    for (let i = 0; i < count; i++) {
      await writePng(`${folder}/p${i}.png`, smoothPicture(width, height, i + 1), width, height);
    }
    await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("scoresOf() gives every metric, the shift as the largest by absolute value", () => {
  const b = smoothPicture(width, height, 2);
  // Green too dark by more than red is too light.
  const a = b.map((value, i) => value + [3 + i % 2, -8, 1][i % 3]);
  const scores = scoresOf(a, b, width, height);
  const shifts = channelShift(a, b);
  assertEquals(scores, {
    mse: mse(a, b),
    psnr: psnr(a, b),
    psnrY: psnrY(a, b, width, height),
    ssim: ssim(a, b, width, height),
    channelShift: shifts,
    shift: 8,
  });
  const grey = scoresOf(a, b, width, height, true);
  assertEquals(grey, { ...scores, psnrY: psnrY(a, b, width, height, 0, true) });
  assert(grey.psnrY !== scores.psnrY);
});

function made(mse: number, psnr: number, shift: number): Scores {
  return {
    ...{ mse, psnr, psnrY: psnr + 1, ssim: mse / 64 },
    ...{ channelShift: [shift, 0, 1], shift: Math.max(1, Math.abs(shift)) },
  };
}

Deno.test("meanOf() averages decibels, and shifts so that opposite ones do not cancel", () => {
  const mean = meanOf([
    { degraded: made(16, 30, 2), restored: [made(4, 40, -3), made(0, Infinity, 0)] },
    { degraded: made(32, 20, -2), restored: [made(8, 35, 3), made(4, 50, 0)] },
  ]);
  assertEquals(mean.degraded, {
    mse: 24,
    psnr: 25,
    psnrY: 26,
    ssim: 0.375,
    channelShift: [0, 0, 1],
    shift: 2,
  });
  assertEquals(mean.restored[0], {
    mse: 6,
    psnr: 37.5,
    psnrY: 38.5,
    ssim: 6 / 64,
    channelShift: [0, 0, 1],
    shift: 3,
  });
  assertEquals([mean.restored[0].exact, mean.degraded.exact], [undefined, undefined]);
});

Deno.test("meanOf() leaves out of a method's mean PSNR what that gives back exact, and counts it, unless all is exact", () => {
  const exact = made(0, Infinity, 0);
  const mean = meanOf([
    { degraded: made(16, 30, 2), restored: [made(4, 40, 0), exact, exact] },
    { degraded: made(32, 20, -2), restored: [made(8, 35, 0), made(4, 50, 0), exact] },
    // Not harmed, which is no method's merit.
    { degraded: exact, restored: [exact, exact, exact] },
  ]);
  assertEquals(mean.restored.map(({ psnr, psnrY, mse, exact }) => [psnr, psnrY, mse, exact]), [
    [37.5, 38.5, 4, undefined],
    [50, 51, 4 / 3, 1],
    [Infinity, Infinity, 0, 2],
  ]);
  assertEquals([mean.degraded.psnr, mean.degraded.exact], [25, undefined]);

  const unharmed = meanOf(
    [exact, made(1, 48, 0)].map((restored) => ({ degraded: exact, restored: [restored] })),
  );
  assertEquals([unharmed.degraded.psnr, unharmed.degraded.exact], [Infinity, 2]);
  assertEquals([unharmed.restored[0].psnr, unharmed.restored[0].exact], [48, 1]);
});

Deno.test("meanOf() leaves unharmed photos out of the mean PSNR alone, unless all are", () => {
  const clean = { degraded: made(0, Infinity, 0), restored: [made(1, 48, 0)] };
  const harmed = { degraded: made(16, 30, 0), restored: [made(4, 40, 0)] };
  const mixed = meanOf([clean, harmed]);
  assertEquals([mixed.degraded.psnr, mixed.restored[0].psnr], [30, 40]);
  assertEquals([mixed.degraded.psnrY, mixed.restored[0].psnrY], [31, 41]);
  assertEquals([mixed.degraded.mse, mixed.restored[0].mse], [8, 2.5]);
  const unharmed = meanOf([clean, { ...clean, restored: [made(1, 46, 0)] }]);
  assertEquals([unharmed.degraded.psnr, unharmed.restored[0].psnr], [Infinity, 47]);
});

Deno.test("evaluateFolder() scores each restorer on each photo, and repeats with its seed", () =>
  withPhotos(3, async (folder) => {
    const seen: { name: string; pictures: Pictures }[] = [];
    const progress: number[] = [];
    // What a network's caller passes in: an asynchronous function.
    const network: Restorer = {
      name: "network",
      restore: (rgb) => Promise.resolve(rgb.map((value) => Math.min(255, value + 3))),
    };
    const restorers = [...parseRestorers("switching-mean"), network];
    const options = { data: folder, recipe: "salt-pepper:0.05", seed: 5, restorers };
    const evaluation = await evaluateFolder({
      ...options,
      limit: 2,
      onProgress: (done, total) => progress.push(done, total),
      onPictures: (result, pictures) => void seen.push({ name: result.name, pictures }),
    });
    assertEquals(progress, [1, 2, 2, 2]);
    assertEquals(seen.map(({ name }) => name), ["p0.png", "p1.png"]);
    const { photos, mean, ...rest } = evaluation;
    assertEquals(rest, {
      data: folder,
      recipe: "salt-pepper:0.05",
      seed: 5,
      restorers: ["switching-mean", "network"],
      failures: [],
      skipped: [],
    });

    const source = await degradedFolder(folder, "salt-pepper:0.05", 5);
    for (const [i, { pictures }] of seen.entries()) {
      const { original, degraded } = await source.load(i);
      assertEquals(pictures.degraded, degraded);
      assertEquals(
        pictures.restored,
        await Promise.all(restorers.map(({ restore }) => restore(degraded, width, height))),
      );
      assertEquals(photos[i], {
        name: `p${i}.png`,
        width,
        height,
        damage: "salt-pepper:0.05",
        degraded: scoresOf(degraded, original, width, height),
        restored: pictures.restored.map((picture) => scoresOf(picture, original, width, height)),
      });
    }
    assertEquals(mean, meanOf(photos));
    assert(mean.restored[0].psnr > mean.degraded.psnr + 10);
    for (const channel of [0, 1, 2]) {
      const moved = mean.restored[1].channelShift[channel] - mean.degraded.channelShift[channel];
      assert(moved > 2.5 && moved <= 3, `channel ${channel} moved by ${moved}`);
    }

    assertEquals(await evaluateFolder({ ...options, limit: 2 }), evaluation);
    assert((await evaluateFolder({ ...options, seed: 6 })).mean.degraded.mse !== mean.degraded.mse);
  }));

Deno.test("evaluatePairs() compares the grey of photos whose original holds a single channel", async () => {
  const [original, degraded] = [smoothPicture(width, height, 1), smoothPicture(width, height, 2)];
  const pairs = [true, false].map((grey): Pair => ({ width, height, original, degraded, grey }));
  const { photos } = await evaluatePairs({
    names: ["grey", "coloured"],
    load: (index) => Promise.resolve(pairs[index]),
  }, { restorers: [] });
  assertEquals(
    photos.map((photo) => photo.degraded),
    [true, false].map((grey) => scoresOf(degraded, original, width, height, grey)),
  );
});

Deno.test("evaluateFolder() lists a photo that cannot be read and goes on", () =>
  withPhotos(2, async (folder) => {
    await Deno.writeFile(`${folder}/broken.png`, (await Deno.readFile(`${folder}/p0.png`)).subarray(0, 200));
    const options = { data: folder, recipe: "gaussian:10", restorers: parseRestorers("median") };
    const { photos, failures } = await evaluateFolder(options);
    assertEquals(photos.map(({ name }) => name), ["p0.png", "p1.png"]);
    assertEquals(failures.map(({ name }) => name), ["broken.png"]);
    assertMatch(failures[0].reason, /Cannot read the photo '.*broken\.png'/);
    await assertRejects(() => evaluateFolder({ ...options, limit: 1 }), (error: unknown) => {
      assert(error instanceof UserError, `threw ${error}`);
      assertMatch(error.message, /None of the 1 photos in .* could be evaluated; the first: .*broken/);
      return true;
    });
  }));

Deno.test("evaluateFolder() refuses a limit below one photo", async () => {
  const options = { data: ".", recipe: "none", restorers: [] };
  for (const limit of [0, -1, NaN]) {
    await assertRejects(() => evaluateFolder({ ...options, limit }), /limit must be 1/);
  }
});

Deno.test("evaluateFolder() lets a restorer's fault through", () =>
  withPhotos(1, async (folder) => {
    const options = { data: folder, recipe: "gaussian:10" };
    const lost: Restorer = { name: "lost", restore: () => Promise.reject(new Error("device lost")) };
    await assertRejects(() => evaluateFolder({ ...options, restorers: [lost] }), /device lost/);
    const short: Restorer = { name: "short", restore: (rgb) => rgb.subarray(3) };
    await assertRejects(
      () => evaluateFolder({ ...options, restorers: [short] }),
      /short made 1977 samples of 1980/,
    );
  }));

Deno.test("evaluateFolder() of a recipe that shrinks holds enlargers against the bicubic one, its border left out", async () => {
  const folder = await Deno.makeTempDir({ prefix: "clairnet evaluate " });
  try {
    // The last row and column are no multiple of two: they are cut off.
    await writePng(`${folder}/a.png`, smoothPicture(31, 23, 4), 31, 23);
    const seen: [string, number, number][] = [];
    const enlarger: Restorer = {
      name: "larger",
      scale: 2,
      restore: (rgb, w, h) => {
        seen.push(["larger", w, h]);
        const result = enlargeSamples(rgb, w, h, 2, 3);
        // Wrong at the border alone, two pixels wide: not to be seen in any score.
        return result.map((value, i) => {
          const [x, y] = [Math.floor(i / 3) % 30, Math.floor(i / 90)];
          return x < 2 || y < 2 || x >= 28 || y >= 20 ? 255 - value : value;
        });
      },
    };
    const same: Restorer = {
      name: "same",
      restore: (rgb, w, h) => {
        seen.push(["same", w, h]);
        return rgb;
      },
    };
    let pictures: Pictures | undefined;
    const { mean, photos } = await evaluateFolder({
      ...{ data: folder, recipe: "shrink:2", restorers: [enlarger, same] },
      onPictures: (_, given) => void (pictures = given),
    });
    assertEquals(seen, [["larger", 15, 11], ["same", 30, 22]]);
    assertEquals([photos[0].width, photos[0].height], [30, 22]);
    assertEquals(mean.restored, [mean.degraded, mean.degraded]);
    const inner = { left: 2, top: 2, width: 26, height: 18 };
    const shaved = (rgb: Uint8Array) => cropReflected(rgb, 30, 22, inner);
    assertEquals(mean.degraded, scoresOf(shaved(pictures!.degraded), shaved(pictures!.original), 26, 18));
    assert(mean.degraded.psnr > 20 && Number.isFinite(mean.degraded.psnr));

    const wrong = () => evaluateFolder({ data: folder, recipe: "shrink:4", restorers: [enlarger] });
    await assertRejects(wrong, /larger enlarges ×2, but the photos to restore are 4 times smaller/);
    const plain = () => evaluateFolder({ data: folder, recipe: "blur:1", restorers: [enlarger] });
    await assertRejects(
      plain,
      /larger enlarges ×2, but the photos to restore are of full size; degrade by shrink:2/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
