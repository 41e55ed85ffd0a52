import sharp from "sharp";
import { decodePhoto } from "../../src/image/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import { uprightExif } from "../../src/image/exif.ts";
import { exifFromTiff, tiffWithExif } from "../../src/image/tiff_exif.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { cameraExif, randomPhoto } from "./photos.ts";

/** EXIF as another library writes it: camera, exposure, lens and a place. */
async function richExif(): Promise<Uint8Array> {
  const { rgb } = randomPhoto({ seed: 50, width: 8, height: 8 });
  const jpeg = await sharp(rgb, { raw: { width: 8, height: 8, channels: 3 } }).withExif({
    IFD0: { Make: "Clairca", Copyright: "someone", ImageDescription: "a meadow in May" },
    IFD2: { ExposureTime: "1/250", LensModel: "50 mm" },
    IFD3: { GPSLatitudeRef: "N", GPSLatitude: "51/1 30/1 3230/100" },
  }).jpeg().toBuffer();
  return uprightExif((await sharp(jpeg).metadata()).exif!)!;
}

Deno.test("tiffWithExif() keeps camera, exposure, lens and place through JPEG, TIFF and back", async () => {
  const photo = { ...randomPhoto({ seed: 51, width: 33, height: 20, bits: 16 }), exif: await richExif() };
  const tiff = await decodePhoto(await encodePhoto(photo, { format: "tiff" }));
  assertEquals(tiff.rgb, photo.rgb);
  for (const format of ["jpeg", "png", "tiff"] as const) {
    const back = await decodePhoto(await encodePhoto(tiff, { format }));
    const text = new TextDecoder("latin1").decode(back.exif);
    for (const value of ["Clairca", "someone", "a meadow in May", "50 mm"]) {
      assertMatch(text, new RegExp(value));
    }
    for (const [numerator, denominator] of [[1, 250], [51, 1], [3230, 100]]) {
      const found = [...text].some((_, i) => {
        const view = new DataView(back.exif!.buffer, back.exif!.byteOffset, back.exif!.length);
        return i + 8 <= text.length && view.getUint32(i, true) === numerator &&
          view.getUint32(i + 4, true) === denominator;
      });
      assert(found, `${numerator}/${denominator} is lost in ${format}`);
    }
  }
});

Deno.test("tiffWithExif() turns big-endian values and leaves the picture readable", async () => {
  const photo = randomPhoto({ seed: 52, width: 21, height: 13, alpha: true });
  const plain = await encodePhoto(photo, { format: "tiff" });
  const file = tiffWithExif(plain, cameraExif(6));
  assert(file.length > plain.length);
  const back = await decodePhoto(file);
  // Orientation is not among what is added: the picture is upright already.
  assertEquals([back.width, back.height, back.rgb, back.alpha], [21, 13, photo.rgb, photo.alpha]);
  const exif = exifFromTiff(file)!;
  const view = new DataView(exif.buffer);
  assertMatch(new TextDecoder("latin1").decode(exif), /^II\*\0[^]*Clairca\0/);
  assert(
    [...exif].some((_, i) =>
      i + 8 <= exif.length && view.getUint32(i, true) === 1 && view.getUint32(i + 4, true) === 250
    ),
  );
  assertEquals(exifFromTiff(tiffWithExif(plain, exif)), exif);
});

Deno.test("tiffWithExif() and uprightExif() take damaged blocks without harm", async () => {
  const plain = await encodePhoto(randomPhoto({ seed: 53, width: 5, height: 5 }), { format: "tiff" });
  const exif = await richExif();
  const random = new Random(54);
  assertEquals(tiffWithExif(plain, new Uint8Array([1, 2, 3])), plain);
  assertEquals(uprightExif(new Uint8Array(20)), undefined);
  for (let round = 0; round < 500; round++) {
    const damaged = exif.slice(0, 8 + random.below(exif.length));
    for (let i = 0; i < 4; i++) damaged[random.below(damaged.length)] = random.below(256);
    const file = tiffWithExif(plain, damaged);
    uprightExif(damaged);
    if (round % 25 === 0) assertEquals((await decodePhoto(file)).width, 5);
  }
});
