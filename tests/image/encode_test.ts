import { Image } from "imagescript";
import sharp from "sharp";
import { decodePhoto } from "../../src/image/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import type { Photo, PhotoFormat } from "../../src/image/photo.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { cameraExif, linearGreyProfile, meanDifference, randomPhoto, swappedProfile } from "./photos.ts";

const formats: PhotoFormat[] = ["png", "jpeg", "webp", "tiff", "avif"];
/** Mean error allowed; WebP halves the resolution of colour. */
const lossy = (format: PhotoFormat) => (format === "webp" ? 5 : 3);
const lossless = (format: PhotoFormat) => format === "png" || format === "tiff";

for (const grey of [false, true]) {
  for (const alpha of [false, true]) {
    for (const bits of [8, 16] as const) {
      const kind = `${bits}-bit ${grey ? "grey" : "RGB"}${alpha ? " with alpha" : ""}`;
      for (const format of formats) {
        Deno.test(`encodePhoto() keeps a ${kind} photo in ${format}`, async () => {
          const texture = lossless(format) ? "noise" : "smooth";
          const photo = randomPhoto({ seed: 11, width: 37, height: 23, bits, grey, alpha, texture });
          const notes: string[] = [];
          const bytes = await encodePhoto(photo, { format, onNote: (note) => notes.push(note) });
          const info = await sharp(bytes).metadata();
          const back = await decodePhoto(bytes);
          assertEquals([back.width, back.height], [37, 23]);
          if (lossless(format)) {
            assertEquals(back.rgb, photo.rgb);
            assertEquals(back.alpha, photo.alpha);
            assertEquals(back.grey, grey);
            assertEquals(info.channels, (grey ? 1 : 3) + (alpha ? 1 : 0));
            return;
          }
          const scale = bits === 16 ? 257 : 1;
          const alphaOf = (i: number) => (photo.alpha ? photo.alpha[Math.floor(i / 3)] / scale / 255 : 1);
          const expected = Array.from(photo.rgb, (sample, i) => {
            const value = sample / scale;
            return format === "jpeg" ? value * alphaOf(i) + 255 * (1 - alphaOf(i)) : value;
          });
          assert(
            meanDifference(back.rgb, expected) < lossy(format),
            `differs by ${meanDifference(back.rgb, expected)}`,
          );
          assertEquals(back.rgb instanceof Uint8Array, true);
          if (format === "jpeg") {
            assertEquals(back.grey, grey);
            assertEquals(back.alpha, undefined);
          } else if (alpha) {
            const opacity = Array.from(photo.alpha!, (value) => value / scale);
            assert(meanDifference(back.alpha!, opacity) < 1.5);
          }
          if (grey) assert(back.rgb.every((value, i) => Math.abs(value - back.rgb[i - i % 3]) <= 1));
          assertEquals(notes.length, (bits === 16 ? 1 : 0) + (format === "jpeg" && alpha ? 1 : 0));
        });
      }
    }
  }
}

for (const format of formats) {
  Deno.test(`encodePhoto() keeps profile, EXIF, XMP and density in ${format}, upright`, async () => {
    const photo: Photo = {
      ...randomPhoto({ seed: 12, width: 20, height: 31, texture: lossless(format) ? "noise" : "smooth" }),
      icc: swappedProfile(),
      exif: cameraExif(1),
      xmp: new TextEncoder().encode("<x:xmpmeta xmlns:x='adobe:ns:meta/'>hello</x:xmpmeta>"),
    };
    const back = await decodePhoto(await encodePhoto(photo, { format }));
    assertEquals(back.icc, photo.icc);
    assertEquals(new TextDecoder().decode(back.xmp), new TextDecoder().decode(photo.xmp));
    const exif = new TextDecoder("latin1").decode(back.exif);
    assertMatch(exif, /Clairca\0/);
    if (lossless(format)) assertEquals(back.rgb, photo.rgb);
    else assert(meanDifference(back.rgb, photo.rgb) < lossy(format));
    const exposure = [...back.exif!].findIndex((_, i) => {
      const view = new DataView(back.exif!.buffer, back.exif!.byteOffset);
      return i + 8 <= back.exif!.length &&
        [true, false].some((little) =>
          view.getUint32(i, little) === 1 && view.getUint32(i + 4, little) === 250
        );
    });
    assert(exposure > 0, "exposure time 1/250 is lost");
  });
}

for (const format of ["png", "jpeg", "tiff"] as const) {
  Deno.test(`encodePhoto() keeps the density and a grey profile in ${format}`, async () => {
    const photo = {
      ...randomPhoto({ seed: 13, width: 9, height: 8, grey: true, texture: "smooth" }),
      icc: linearGreyProfile(),
      density: 300,
    };
    const back = await decodePhoto(await encodePhoto(photo, { format }));
    assertEquals(back.density, 300);
    assertEquals(back.icc, photo.icc);
    assert(back.grey);
    assert(meanDifference(back.rgb, photo.rgb) < 2);
  });
}

for (const format of ["webp", "avif"] as const) {
  for (const bits of [8, 16] as const) {
    Deno.test(`encodePhoto() keeps the tones of a grey profile in ${format}, which has no grey mode (${bits} bits)`, async () => {
      const photo = {
        ...randomPhoto({ seed: 19, width: 40, height: 24, bits, grey: true, texture: "smooth" }),
        icc: linearGreyProfile(),
        colourChannels: 1,
      } as const;
      const notes: string[] = [];
      const onNote = (note: string) => notes.push(note);
      const file = await encodePhoto(photo, { format, onNote });
      const shown = await sharp(file).toColourspace("srgb").removeAlpha().raw().toBuffer();
      const encoded = (linear: number) =>
        linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
      const expected = Array.from(photo.rgb, (sample) => 255 * encoded(sample / (bits === 8 ? 255 : 65535)));
      assert(meanDifference(shown, expected) < 2, `differs by ${meanDifference(shown, expected)}`);
      const back = await decodePhoto(file, { onNote });
      assert(back.grey && back.icc);
      assert(meanDifference(back.rgb, photo.rgb.map((sample) => sample / (bits === 8 ? 1 : 257))) < 2);
      assertEquals(notes.length, bits === 8 ? 0 : 1);

      const table = linearGreyProfile();
      table.set(new TextEncoder().encode("Lab "), 20);
      notes.length = 0;
      await encodePhoto({ ...photo, icc: table }, { format, onNote });
      assertEquals(
        notes.at(-1),
        `${format} cannot hold this grey profile, which is left out: tones may look otherwise`,
      );
    });
  }
}

Deno.test("encodePhoto() rounds 16 bits to the nearest of 8, both ends to ends", async () => {
  for (
    const [deep, expected] of [[0, 0], [128, 0], [129, 1], [25_828, 100], [25_829, 101], [65_406, 254], [
      65_407,
      255,
    ], [65_535, 255]]
  ) {
    // A flat grey survives JPEG as it is.
    const photo: Photo = {
      width: 16,
      height: 8,
      rgb: new Uint16Array(384).fill(deep),
      grey: true,
      format: "png",
    };
    const back = await decodePhoto(await encodePhoto(photo, { format: "jpeg", quality: 100 }));
    assertEquals(new Set(back.rgb), new Set([expected]), `${deep}`);
  }
});

Deno.test("encodePhoto() writes PNG and JPEG that a second decoder reads alike", async () => {
  const photo = randomPhoto({ seed: 14, width: 33, height: 18, alpha: true });
  const png = await Image.decode(await encodePhoto(photo, { format: "png" }));
  const expected = new Uint8Array(33 * 18 * 4);
  for (let i = 0; i < 33 * 18; i++) {
    expected.set([...photo.rgb.subarray(3 * i, 3 * i + 3), photo.alpha![i]], 4 * i);
  }
  assertEquals([png.width, png.height], [33, 18]);
  assertEquals(new Uint8Array(png.bitmap), expected);

  const smooth = randomPhoto({ seed: 15, width: 40, height: 24, texture: "smooth" });
  const jpeg = await Image.decode(await encodePhoto(smooth, { format: "jpeg" }));
  const rgb = Array.from(smooth.rgb, (_, i) => jpeg.bitmap[4 * Math.floor(i / 3) + i % 3]);
  assert(meanDifference(rgb, smooth.rgb) < 3);
});

Deno.test("encodePhoto() gets smaller JPEGs from lower quality and 4:4:4 by default", async () => {
  const photo = randomPhoto({ seed: 16, width: 64, height: 64 });
  const good = await encodePhoto(photo, { format: "jpeg" });
  const poor = await encodePhoto(photo, { format: "jpeg", quality: 30 });
  assert(poor.length < good.length / 2);
  assertEquals((await sharp(good).metadata()).chromaSubsampling, "4:4:4");
});

Deno.test("encodePhoto() refuses a bad quality and a side that the format cannot hold", async () => {
  const photo = randomPhoto({ seed: 17, width: 16400, height: 1 });
  await assertRejects(encodePhoto(photo, { format: "jpeg", quality: 0 }), (error) => {
    assert(error instanceof UserError);
    assertMatch(error.message, /^Cannot write jpeg: quality must be .* got 0$/);
    return true;
  });
  for (const format of ["webp", "avif"] as const) {
    await assertRejects(
      encodePhoto(photo, { format }),
      /^UserError: Cannot write \w+: it holds at most 1638\d pixels/,
    );
  }
});

Deno.test("encodePhoto() stores rows longer than a zlib block and photos of several blocks", async () => {
  for (const [width, height] of [[30000, 2], [401, 300], [1, 1], [1, 70000]]) {
    const photo = randomPhoto({ seed: 18, width, height });
    const back = await decodePhoto(await encodePhoto(photo, { format: "png" }));
    assertEquals(back.rgb, photo.rgb);
  }
});
