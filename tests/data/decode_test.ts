import sharp from "sharp";
import { decodeRgb, decodeSquare, photoFacts } from "../../src/data/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import { assert, assertEquals, assertRejects, isUserError } from "../assert.ts";
import { linearGreyProfile, meanDifference, randomPhoto } from "../image/photos.ts";
import { rawTiff } from "../image/raw_tiff.ts";
import { withFolder } from "./photos.ts";

const [width, height] = [40, 24];

Deno.test("decodeRgb() and decodeSquare() refuse what enhance refuses, in its words", () =>
  withFolder(async (dir) => {
    const samples = Float32Array.from({ length: 3 * width * height }, (_, i) => i % 256);
    const float = await sharp(samples, { raw: { width, height, channels: 3 } }).toColourspace("scrgb")
      .tiff({ predictor: "none", compression: "none" }).toBuffer();
    const { rgb } = randomPhoto({ seed: 1, width, height });
    const five = rawTiff({ width, height, rgb: new Uint8Array(5 * width * height).fill(99), channels: 5 });
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"/>`;
    const files: [name: string, file: Uint8Array, reason: RegExp][] = [
      ["float.tif", float, /its samples are of type float; convert it to 8 or 16 bits$/],
      [
        "int16.tif",
        rawTiff({ width, height, rgb: Uint16Array.from(rgb), sampleFormat: 2 }),
        /of type short;/,
      ],
      ["int8.tif", rawTiff({ width, height, rgb, sampleFormat: 2 }), /its samples are of type char; convert/],
      ["five.tif", five, /5 channels instead of 1 to 4; convert it to PNG$/],
      ["drawing.png", new TextEncoder().encode(svg), /it is a file of type svg, not a photo$/],
      // 32803 and 34892 are the mosaic of a sensor, and DNG's linear raw.
      ["raw.tif", rawTiff({ width, height, rgb, photometric: 32803 }), /a camera's raw file .*; convert it/],
      ["raw.jpg", rawTiff({ width, height, rgb, photometric: 34892 }), /a camera's raw file .*; convert it/],
      ["jxl.jpg", Uint8Array.of(0xff, 0x0a, ...rgb.subarray(0, 90)), /JPEG XL is not supported; convert it/],
    ];
    for (const [name, file, reason] of files) {
      const path = `${dir}/${name}`;
      await Deno.writeFile(path, file);
      const refused = isUserError(new RegExp(`^Cannot read the photo '.*${name}': .*${reason.source}`));
      await assertRejects(() => decodeRgb(path), refused);
      await assertRejects(() => decodeRgb(path, file), refused);
      await assertRejects(() => decodeSquare(path, 16), refused);
      await assertRejects(() => photoFacts(path), refused);
    }
  }));

for (const bits of [8, 16] as const) {
  Deno.test(`decodeRgb() and decodeSquare() convert a grey profile to sRGB (${bits} bits)`, async () => {
    for (const alpha of [false, true]) {
      const photo = randomPhoto({ seed: 2, width, height, bits, grey: true, alpha, texture: "smooth" });
      const file = await encodePhoto({ ...photo, icc: linearGreyProfile() }, { format: "png" });
      const encoded = (linear: number) =>
        linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
      const expected = Array.from(photo.rgb, (sample) => 255 * encoded(sample / (bits === 8 ? 255 : 65535)));
      const whole = await decodeRgb("g.png", file);
      assertEquals([whole.width, whole.height], [width, height]);
      assert(meanDifference(whole.rgb, expected) < 1, `differs by ${meanDifference(whole.rgb, expected)}`);
      const square = await decodeSquare("g.png", height, { bytes: file, fit: "crop" });
      const left = (width - height) >> 1;
      const row = (y: number) => whole.rgb.subarray(3 * (y * width + left), 3 * (y * width + left + height));
      for (const y of [0, height - 1]) {
        assertEquals(square.subarray(3 * y * height, 3 * (y + 1) * height), row(y));
      }
    }
  });
}
