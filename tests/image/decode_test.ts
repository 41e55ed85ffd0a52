import sharp from "sharp";
import { decodePhoto } from "../../src/image/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import type { Photo } from "../../src/image/photo.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { meanDifference, randomPhoto, swappedProfile } from "./photos.ts";

/** Stored pixels for each EXIF orientation: where upright pixel (x,y) of a w×h photo lies in the file. */
const stored: Record<number, (x: number, y: number, w: number, h: number) => [number, number]> = {
  1: (x, y) => [x, y],
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, _w, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, w) => [y, w - 1 - x],
  7: (x, y, w, h) => [h - 1 - y, w - 1 - x],
  8: (x, y, _w, h) => [h - 1 - y, x],
};

for (let orientation = 1; orientation <= 8; orientation++) {
  for (const format of ["png", "jpeg", "tiff", "webp"] as const) {
    Deno.test(`decodePhoto() turns orientation ${orientation} upright (${format}) and says so in EXIF and XMP`, async () => {
      const [w, h] = [6, 4];
      const upright = randomPhoto({ seed: 20 + orientation, width: w, height: h });
      const [sw, sh] = orientation >= 5 ? [h, w] : [w, h];
      const turned = new Uint8Array(upright.rgb.length);
      for (let y = 0; y < h; y++) {
        for (let x = 0; x < w; x++) {
          const [sx, sy] = stored[orientation](x, y, w, h);
          turned.set(upright.rgb.subarray(3 * (y * w + x), 3 * (y * w + x) + 3), 3 * (sy * sw + sx));
        }
      }
      // Blocks of 8×8 equal pixels come through JPEG nearly unharmed.
      const zoom = format === "jpeg" ? 8 : 1;
      const image = sharp(turned, { raw: { width: sw, height: sh, channels: 3 } })
        .resize(sw * zoom, sh * zoom, { kernel: "nearest" })
        .withXmp(
          `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="${orientation}"/></x:xmpmeta>`,
        )
        .withMetadata({ orientation });
      const file = format === "webp"
        ? image.webp({ lossless: true })
        : format === "tiff"
        ? image.tiff({ compression: "none" })
        : format === "jpeg"
        ? image.jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
        : image.png();
      const bytes = new Uint8Array(await file.toBuffer());
      assertEquals((await sharp(bytes).metadata()).orientation, orientation);
      const photo = await decodePhoto(bytes);
      assertEquals([photo.width, photo.height], [w * zoom, h * zoom]);
      const samples = Array.from(upright.rgb, (_, i) => {
        const pixel = Math.floor(i / 3);
        const [x, y] = [(pixel % w) * zoom + (zoom >> 1), Math.floor(pixel / w) * zoom + (zoom >> 1)];
        return photo.rgb[3 * (y * photo.width + x) + i % 3];
      });
      if (format === "jpeg") assert(meanDifference(samples, upright.rgb) < 2);
      else assertEquals(samples, [...upright.rgb]);
      if (photo.xmp) assertMatch(new TextDecoder().decode(photo.xmp), /tiff:Orientation="1"/);
      const again = await sharp(await encodePhoto(photo, { format: "jpeg" })).metadata();
      assert([undefined, 1].includes(again.orientation));
      assertEquals([again.width, again.height], [w * zoom, h * zoom]);
    });
  }
}

for (const bits of [8, 16] as const) {
  Deno.test(`decodePhoto() leaves ${bits}-bit samples in the space of the embedded profile`, async () => {
    const photo: Photo = { ...randomPhoto({ seed: 30, width: 12, height: 10, bits }), icc: swappedProfile() };
    const file = await encodePhoto(photo, { format: "png" });
    const converted = await sharp(file).toColourspace("srgb").raw().toBuffer();
    const plain = Array.from(photo.rgb, (sample) => sample / (bits === 16 ? 257 : 1));
    assert(meanDifference(converted, plain) > 20, "the profile of this test does not change colours");
    const back = await decodePhoto(file);
    assertEquals(back.rgb, photo.rgb);
    assertEquals(back.icc, photo.icc);
  });
}

Deno.test("decodePhoto() leaves Display P3 samples untouched through PNG, TIFF and back", async () => {
  const rgb = randomPhoto({ seed: 31, width: 16, height: 16 }).rgb;
  const p3 = await sharp(rgb, { raw: { width: 16, height: 16, channels: 3 } }).withIccProfile("p3").png()
    .toBuffer();
  const first = await decodePhoto(new Uint8Array(p3));
  assert(first.icc && first.icc.length > 100);
  for (const format of ["png", "tiff"] as const) {
    const again = await decodePhoto(await encodePhoto(first, { format }));
    assertEquals(again.rgb, first.rgb);
    assertEquals(again.icc, first.icc);
  }
});

Deno.test("decodePhoto() converts CMYK JPEG to sRGB and drops its profile", async () => {
  const smooth = randomPhoto({ seed: 32, width: 32, height: 32, texture: "smooth" });
  const cmyk = await sharp(smooth.rgb, { raw: { width: 32, height: 32, channels: 3 } })
    .toColourspace("cmyk").jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).withIccProfile("cmyk")
    .toBuffer();
  assertEquals((await sharp(cmyk).metadata()).space, "cmyk");
  const notes: string[] = [];
  const photo = await decodePhoto(new Uint8Array(cmyk), {
    name: "print.jpg",
    onNote: (note) => notes.push(note),
  });
  assertEquals(photo.icc, undefined);
  assertEquals(photo.grey, false);
  // Saturated colours are outside the printing gamut; the picture must still be the same one.
  assert(meanDifference(photo.rgb, smooth.rgb) < 40, `differs by ${meanDifference(photo.rgb, smooth.rgb)}`);
  assertEquals(notes, ["print.jpg: colours converted from CMYK to sRGB"]);
});

for (const bitdepth of [10, 12] as const) {
  Deno.test(`decodePhoto() fills 0..65535 with AVIF's ${bitdepth} bits`, async () => {
    const ramp = Uint16Array.from(
      { length: 3 * 64 * 16 },
      (_, i) => Math.round((Math.floor(i / 3) % 64) / 63 * 65535),
    );
    const avif = await sharp(ramp, { raw: { width: 64, height: 16, channels: 3 } }).toColourspace("rgb16")
      .avif({ lossless: true, bitdepth }).toBuffer();
    const { rgb } = await decodePhoto(new Uint8Array(avif));
    assert(rgb instanceof Uint16Array);
    assertEquals([rgb[0], rgb[3 * 63], Math.max(...rgb)], [0, 65535, 65535]);
    rgb.forEach((value, i) =>
      assert(Math.abs(value - ramp[i]) <= 2 ** (16 - bitdepth), `${value}, ${ramp[i]}`)
    );
  });
}

Deno.test("decodePhoto() reads palette PNG, with and without transparency", async () => {
  for (const alpha of [false, true]) {
    const width = 12, height = 9;
    const channels = alpha ? 4 : 3;
    const colours = [[250, 10, 20, 255], [0, 128, 255, 255], [30, 200, 40, 0], [1, 2, 3, 90]];
    const raw = new Uint8Array(width * height * channels);
    const expected = randomPhoto({ seed: 33, width, height }).rgb.map((value) => value % 4);
    for (let i = 0; i < width * height; i++) raw.set(colours[expected[i]].slice(0, channels), channels * i);
    const file = await sharp(raw, { raw: { width, height, channels } })
      .png({ palette: true, colours: 8, dither: 0, effort: 10 }).toBuffer();
    assertEquals((await sharp(file).metadata()).isPalette, true);
    const photo = await decodePhoto(new Uint8Array(file));
    assertEquals(photo.alpha !== undefined, alpha);
    for (let i = 0; i < width * height; i++) {
      if (alpha && photo.alpha![i] === 0) continue;
      assert(meanDifference(photo.rgb.subarray(3 * i, 3 * i + 3), colours[expected[i]].slice(0, 3)) <= 2);
    }
  }
});

Deno.test("decodePhoto() takes an animation's first frame and says so", async () => {
  const frames = [
    randomPhoto({ seed: 34, width: 8, height: 8 }),
    randomPhoto({ seed: 35, width: 8, height: 8 }),
  ];
  const raw = new Uint8Array([...frames[0].rgb, ...frames[1].rgb]);
  const gif = await sharp(raw, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } })
    .gif({ dither: 0, effort: 10 }).toBuffer();
  const notes: string[] = [];
  const photo = await decodePhoto(new Uint8Array(gif), { name: "a.gif", onNote: (note) => notes.push(note) });
  assertEquals([photo.width, photo.height, photo.format], [8, 8, "gif"]);
  assertEquals(notes, ["a.gif: only the first of 2 frames or pages is used"]);
  assert(meanDifference(photo.rgb, frames[0].rgb) < 40);
});

Deno.test("decodePhoto() refuses what is no photo, empty, cut short or too large, in one line with the name", async () => {
  const photo = randomPhoto({ seed: 36, width: 200, height: 150 });
  const refusal = async (bytes: Uint8Array, pattern: RegExp, maxMegapixels?: number) => {
    await assertRejects(decodePhoto(bytes, { name: "dir/x.jpg", maxMegapixels }), (error) => {
      assert(error instanceof UserError, String(error));
      assertMatch(error.message, pattern);
      assert(!error.message.includes("\n") && error.message.startsWith("Cannot read dir/x.jpg: "));
      return true;
    });
  };
  await refusal(new Uint8Array(), /the file is empty/);
  await refusal(new TextEncoder().encode("hello, this is no photo at all"), /not a photo in a known format/);
  await refusal(
    new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"),
    /svg is not/,
  );
  await refusal(new TextEncoder().encode("\0\0\0\x18ftypheic\0\0\0\0mif1heic"), /HEIC is not supported/);
  for (const format of ["png", "jpeg", "webp", "tiff", "avif"] as const) {
    const whole = await encodePhoto(photo, { format });
    await decodePhoto(whole);
    await refusal(whole.subarray(0, whole.length >> 1), /damaged or cut short|not a photo/);
  }
  await refusal(
    await encodePhoto(photo, { format: "png" }),
    /200×150 is 0\.030 megapixels, more than the 0.02 allowed/,
    0.02,
  );
  for (const limit of [0, -1, NaN]) {
    await refusal(
      await encodePhoto(photo, { format: "png" }),
      /the limit must be above 0 megapixels, got/,
      limit,
    );
  }
});

Deno.test("decodePhoto() leaves out a profile that is for other channels", async () => {
  const grey: Photo = { ...randomPhoto({ seed: 37, width: 16, height: 16, grey: true, texture: "smooth" }) };
  const jpeg = await encodePhoto(grey, { format: "jpeg" });
  const icc = swappedProfile();
  const segment = new Uint8Array(18 + icc.length);
  segment.set([0xff, 0xe2, (icc.length + 16) >> 8, (icc.length + 16) & 255]);
  segment.set(new TextEncoder().encode("ICC_PROFILE\0\x01\x01"), 4);
  segment.set(icc, 18);
  const notes: string[] = [];
  const file = new Uint8Array([...jpeg.subarray(0, 2), ...segment, ...jpeg.subarray(2)]);
  const photo = await decodePhoto(file, { name: "g.jpg", onNote: (note) => notes.push(note) });
  assertEquals([photo.grey, photo.icc], [true, undefined]);
  assertEquals(notes, [`g.jpg: its colour profile is for "RGB" and is left out`]);
  assert(meanDifference(photo.rgb, grey.rgb) < 2);
});
