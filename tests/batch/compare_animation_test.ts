import sharp from "sharp";
import { compareAnimation } from "../../src/batch/compare_animation.ts";
import { assert, assertEquals } from "../assert.ts";
import { meanDifference, randomPhoto, swappedProfile } from "../image/photos.ts";

const STRIP = 26;

async function framesOf(gif: Uint8Array) {
  const { data, info } = await sharp(gif, { animated: true }).removeAlpha().raw()
    .toBuffer({ resolveWithObject: true });
  const metadata = await sharp(gif).metadata();
  const height = info.height / metadata.pages!;
  const size = info.width * height * 3;
  const frames = Array.from(
    { length: metadata.pages! },
    (_, i) => data.subarray(i * size, (i + 1) * size),
  );
  return { frames, width: info.width, height, delay: metadata.delay, loop: metadata.loop };
}

Deno.test("compareAnimation() shows before, then after, each under its label, for ever", async () => {
  const before = randomPhoto({ seed: 150, width: 120, height: 60, texture: "smooth" });
  const after = randomPhoto({ seed: 151, width: 120, height: 60, texture: "smooth" });
  const { frames, width, height, delay, loop } = await framesOf(await compareAnimation(before, after));
  assertEquals([width, height, frames.length, loop], [120, 60 + STRIP, 2, 0]);
  assertEquals(delay, [1200, 1200]);
  for (const [i, photo] of [before, after].entries()) {
    const shown = frames[i].subarray(3 * 120 * STRIP);
    assert(meanDifference(shown, photo.rgb) < 12, `frame ${i} is another picture`);
  }
  assert(meanDifference(before.rgb, after.rgb) > 30);
  const label = (i: number) => [...frames[i].subarray(0, 3 * 120 * STRIP)].map((v) => (v > 128 ? 1 : 0));
  assert(label(0).includes(1) && label(1).includes(1));
  assert(meanDifference(label(0), label(1)) > 0, "the two labels are the same");
});

Deno.test("compareAnimation() converts to sRGB, for GIF has no profile", async () => {
  const photo = {
    ...randomPhoto({ seed: 152, width: 100, height: 40, texture: "smooth" }),
    icc: swappedProfile(),
  };
  const plain = { ...photo, icc: undefined };
  const [converted, as] = [
    await framesOf(await compareAnimation(photo, photo)),
    await framesOf(await compareAnimation(plain, plain)),
  ];
  assert(meanDifference(converted.frames[0], as.frames[0]) > 20);
});

Deno.test("compareAnimation() takes any size, grey, 16 bits, alpha, and a result that is larger than its source", async () => {
  for (const [width, height, times] of [[1, 1, 1], [1, 900, 1], [2000, 3, 1], [7, 7, 2], [900, 700, 2]]) {
    const kind = { bits: 16, grey: width === 7, alpha: true } as const;
    const before = randomPhoto({ seed: 153, width, height, ...kind });
    const after = randomPhoto({ seed: 154, width: width * times, height: height * times, ...kind });
    const shown = await framesOf(await compareAnimation(before, after));
    assertEquals(shown.frames.length, 2);
    assert(shown.width <= 800 && shown.height <= 800 + STRIP, `${shown.width}×${shown.height}`);
  }
});

Deno.test("compareAnimation() shows a photo that is thinner than what one pixel of it stands for", async () => {
  const [width, height] = [2100, 2];
  const grey = (value: number) => ({
    ...randomPhoto({ seed: 155, width, height }),
    rgb: new Uint8Array(3 * width * height).fill(value),
  });
  const shown = await framesOf(await compareAnimation(grey(90), grey(150)));
  assertEquals([shown.width, shown.height], [700, 1 + STRIP]);
  for (const [i, value] of [90, 150].entries()) {
    const row = shown.frames[i].subarray(3 * shown.width * STRIP);
    assert(meanDifference(row, new Uint8Array(row.length).fill(value)) < 5, `frame ${i}`);
  }
});
