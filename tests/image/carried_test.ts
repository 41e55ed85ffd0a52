import exifr from "npm:exifr@7.1.3";
import sharp from "sharp";
import { withoutExifHeader } from "../../src/image/exif.ts";
import { decodePhoto } from "../../src/image/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import type { Photo, PhotoFormat } from "../../src/image/photo.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import {
  adobeRgbProfile,
  displayP3Profile,
  meanDifference,
  proPhotoProfile,
  randomPhoto,
  TRAVEL,
  travelExif,
} from "./photos.ts";

const FORMATS: readonly PhotoFormat[] = ["png", "jpeg", "webp", "tiff", "avif"];

/** Camera, date and place as another library reads them. */
async function travelOf(file: Uint8Array, format: PhotoFormat) {
  const source = format === "tiff" ? file : withoutExifHeader((await sharp(file).metadata()).exif ?? file);
  const facts = await exifr.parse(source.slice(), { reviveValues: false, gps: true, interop: true });
  return {
    make: facts?.Make,
    date: facts?.DateTimeOriginal,
    latitude: facts?.latitude,
    longitude: facts?.longitude,
  };
}

/** What a viewer that knows profiles shows: sRGB, by way of the file's profile. In 8 bits, for in 16 the library aims at another space. */
async function shown(file: Uint8Array): Promise<Uint8Array> {
  const { icc } = await sharp(file).metadata();
  const { data, info } = await sharp(file, { ignoreIcc: true }).toColourspace("srgb").removeAlpha().raw()
    .toBuffer({ resolveWithObject: true });
  const rgb = new Uint8Array(data);
  const { width, height } = info;
  const photo = { width, height, rgb, grey: false, format: "png", icc: icc && new Uint8Array(icc) };
  return await sharp(await encodePhoto(photo, { format: "png" })).toColourspace("srgb").raw().toBuffer();
}

for (const format of FORMATS) {
  Deno.test(`encodePhoto() keeps date and place in ${format}, through a second time as well, and strips them when told to`, async () => {
    const photo: Photo = {
      ...randomPhoto({ seed: 40, width: 24, height: 16, texture: "smooth" }),
      exif: travelExif(),
      xmp: new TextEncoder().encode("<x:xmpmeta xmlns:x='adobe:ns:meta/'>at home</x:xmpmeta>"),
      icc: displayP3Profile(),
    };
    const once = await encodePhoto(photo, { format });
    const twice = await encodePhoto(await decodePhoto(once), { format });
    for (const file of [once, twice]) assertEquals(await travelOf(file, format), TRAVEL);

    const stripped = await encodePhoto(photo, { format, strip: true });
    const { exif, xmp, icc } = await decodePhoto(stripped);
    assertEquals([xmp, icc], [undefined, photo.icc]);
    const text = new TextDecoder("latin1");
    for (const bytes of [stripped, exif ?? new Uint8Array()]) {
      assert(!/Clairca|2019:07:21|at home/.test(text.decode(bytes)), "something is left");
    }
  });

  for (
    const [name, icc, bits] of [
      ["Display P3", displayP3Profile(), 8],
      ["Adobe RGB", adobeRgbProfile(), 8],
      ["16-bit ProPhoto", proPhotoProfile(), 16],
    ] as const
  ) {
    Deno.test(`a photo in ${name} looks the same after ${format}`, async () => {
      const vivid = randomPhoto({ seed: 41, width: 40, height: 32, bits, texture: "smooth" });
      // Half the saturation and contrast, so that next to no colour lies outside of what a screen shows.
      const photo: Photo = {
        ...vivid,
        rgb: vivid.rgb.map((value, i) =>
          value / 4 + vivid.rgb[i - i % 3 + 1] / 4 + (bits === 8 ? 64 : 16384)
        ),
        icc,
      };
      const source = await encodePhoto(photo, { format: "png" });
      const decoded = await decodePhoto(source);
      const written = await encodePhoto(decoded, { format });
      const [before, after] = [await shown(source), await shown(written)];
      assert(
        meanDifference(before, after) < (format === "webp" ? 4 : 2.5),
        `${meanDifference(before, after)}`,
      );
      // The test can fail: without the profile the photo looks otherwise.
      const naked = await shown(await encodePhoto({ ...decoded, icc: undefined }, { format }));
      assert(meanDifference(before, naked) > 3.2, `${meanDifference(before, naked)}`);
      if (bits === 16 && (format === "png" || format === "tiff")) {
        assertEquals((await decodePhoto(written)).rgb, photo.rgb);
      }
    });
  }
}

Deno.test("decodePhoto() turns AVIF upright, whose orientation is no EXIF", async () => {
  const upright = randomPhoto({ seed: 42, width: 64, height: 48, texture: "smooth" });
  const raw = { width: 64, height: 48, channels: 3 } as const;
  for (let orientation = 1; orientation <= 8; orientation++) {
    const avif = await sharp(upright.rgb, { raw }).withMetadata({ orientation }).avif({ lossless: true })
      .toBuffer();
    const expected = await sharp(
      await sharp(upright.rgb, { raw }).withMetadata({ orientation }).png().toBuffer(),
    )
      .autoOrient().raw().toBuffer({ resolveWithObject: true });
    const photo = await decodePhoto(new Uint8Array(avif));
    assertEquals([photo.width, photo.height], [expected.info.width, expected.info.height], `${orientation}`);
    assert(meanDifference(photo.rgb, expected.data) < 3, `orientation ${orientation}`);
    const again = await decodePhoto(await encodePhoto(photo, { format: "avif" }));
    assertEquals([again.width, again.height], [photo.width, photo.height]);
  }
});

Deno.test("a grey photo comes out grey from every format, with one channel where the file had one", async () => {
  const grey = randomPhoto({ seed: 43, width: 24, height: 24, grey: true, texture: "smooth" });
  for (const format of FORMATS) {
    const photo = await decodePhoto(await encodePhoto(grey, { format }));
    assert(photo.grey, format);
    assert(photo.rgb.every((value, i) => value === photo.rgb[i - i % 3]), format);
    const channels = format === "webp" || format === "avif" ? 3 : 1;
    assertEquals(photo.colourChannels, channels, format);
    const png = await sharp(await encodePhoto(photo, { format: "png" })).metadata();
    assertEquals(png.channels, channels, format);
  }
  // Grey values in an RGB file with an RGB profile, as scanners write them: held grey, written as RGB again.
  const rgb: Photo = { ...grey, colourChannels: 3, icc: adobeRgbProfile() };
  const scan = await decodePhoto(await encodePhoto(rgb, { format: "png" }));
  assertEquals([scan.grey, scan.colourChannels, scan.icc, scan.rgb], [true, 3, rgb.icc, grey.rgb]);
  // One coloured pixel is enough to be no grey photo.
  const rgbWithDot = grey.rgb.slice();
  rgbWithDot[301] ^= 1;
  const dotted = await decodePhoto(await encodePhoto({ ...rgb, rgb: rgbWithDot }, { format: "png" }));
  assertEquals(dotted.grey, false);
});

Deno.test("decodePhoto() reads TIFF however it is stored: tiles, strips, compressions, bits, big files", async () => {
  const photo = randomPhoto({ seed: 44, width: 70, height: 50, texture: "smooth" });
  const raw = sharp(photo.rgb, { raw: { width: 70, height: 50, channels: 3 } });
  const lossless = [
    { compression: "none" },
    { compression: "lzw", predictor: "horizontal" },
    { compression: "packbits" },
    { compression: "deflate", tile: true, tileWidth: 32, tileHeight: 32 },
    { compression: "none", bigtiff: true },
    { compression: "deflate", tile: true, pyramid: true },
  ] as const;
  for (const options of lossless) {
    const file = new Uint8Array(await raw.clone().tiff(options).toBuffer());
    assertEquals((await decodePhoto(file)).rgb, photo.rgb, JSON.stringify(options));
  }
  for (const bitdepth of [1, 2, 4] as const) {
    const bilevel = raw.clone().toColourspace("b-w").tiff({
      bitdepth,
      predictor: "none",
      compression: "lzw",
    });
    const page = await decodePhoto(new Uint8Array(await bilevel.toBuffer()));
    assertEquals([page.width, page.height, page.grey], [70, 50, true]);
    assert(new Set(page.rgb).size <= 2 ** bitdepth && new Set(page.rgb).size > 1);
  }
});

Deno.test("decodePhoto() converts CMYK TIFF to sRGB as it does CMYK JPEG", async () => {
  const smooth = randomPhoto({ seed: 45, width: 32, height: 32, texture: "smooth" });
  const cmyk = await sharp(smooth.rgb, { raw: { width: 32, height: 32, channels: 3 } })
    .toColourspace("cmyk").withIccProfile("cmyk").tiff({ compression: "none" }).toBuffer();
  const notes: string[] = [];
  const photo = await decodePhoto(new Uint8Array(cmyk), {
    name: "p.tif",
    onNote: (note) => notes.push(note),
  });
  assertEquals([photo.icc, notes], [undefined, ["p.tif: colours converted from CMYK to sRGB"]]);
  assert(meanDifference(photo.rgb, smooth.rgb) < 40);
});

for (const format of ["gif", "webp"] as const) {
  Deno.test(`decodePhoto() takes the first frame of an animated ${format} and says how many there are`, async () => {
    const frames = [46, 47, 48].map((seed) =>
      randomPhoto({ seed, width: 20, height: 12, texture: "smooth" })
    );
    const raw = { width: 20, height: 36, channels: 3, pageHeight: 12 } as const;
    const stacked = new Uint8Array(frames.flatMap(({ rgb }) => [...rgb]));
    const image = sharp(stacked, { raw });
    const file = await (format === "gif" ? image.gif({ effort: 10 }) : image.webp({ lossless: true }))
      .toBuffer();
    const notes: string[] = [];
    const photo = await decodePhoto(new Uint8Array(file), { name: "a", onNote: (note) => notes.push(note) });
    assertEquals([photo.width, photo.height], [20, 12]);
    assertEquals(notes, ["a: only the first of 3 frames or pages is used"]);
    assert(meanDifference(photo.rgb, frames[0].rgb) < 20);
    assert(meanDifference(photo.rgb, frames[1].rgb) > 20);
  });
}

Deno.test("decodePhoto() takes the first frame of an animated PNG and says how many there are", async () => {
  const first = randomPhoto({ seed: 49, width: 9, height: 9 });
  const png = await encodePhoto(first, { format: "png" });
  // acTL (four frames, for ever) behind IHDR makes an animated PNG of it; its checksum is that of these bytes.
  const chunk = new Uint8Array(20);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, 8);
  chunk.set(new TextEncoder().encode("acTL"), 4);
  view.setUint32(8, 4);
  const { crc32 } = await import("node:zlib");
  view.setUint32(16, crc32(chunk.subarray(4, 16)));
  const file = new Uint8Array([...png.subarray(0, 33), ...chunk, ...png.subarray(33)]);
  const notes: string[] = [];
  const photo = await decodePhoto(file, { name: "a.png", onNote: (note) => notes.push(note) });
  assertEquals(photo.rgb, first.rgb);
  assertEquals(notes, ["a.png: only the first of 4 frames or pages is used"]);
});

Deno.test("IPTC captions pass from JPEG to JPEG, and a note says where they cannot", async () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const dataset = (number: number, value: string) => [0x1c, 2, number, 0, value.length, ...text(value)];
  const iptc = new Uint8Array([...dataset(120, "Low tide"), ...dataset(25, "harbour")]);
  const photo: Photo = { ...randomPhoto({ seed: 50, width: 16, height: 16, texture: "smooth" }), iptc };
  const jpeg = await encodePhoto({ ...photo, icc: adobeRgbProfile(), exif: travelExif() }, {
    format: "jpeg",
  });
  const facts = await exifr.parse(jpeg, { iptc: true });
  assertEquals([facts.Caption, facts.Keywords], ["Low tide", "harbour"]);
  const back = await decodePhoto(jpeg);
  assertEquals(back.iptc, iptc);
  assertEquals(back.icc, adobeRgbProfile());
  const notes: string[] = [];
  await encodePhoto(back, { format: "png", onNote: (note) => notes.push(note) });
  assertEquals(notes, ["png is written without IPTC captions and keywords (jpeg keeps them)"]);
  assertEquals((await decodePhoto(await encodePhoto(back, { format: "jpeg", strip: true }))).iptc, undefined);
});

Deno.test("decodePhoto() says that an HDR gain map and a motion photo's video are left out", async () => {
  const smooth = randomPhoto({ seed: 51, width: 64, height: 64, texture: "smooth" });
  const raw = sharp(smooth.rgb, { raw: { width: 64, height: 64, channels: 3 } });
  const noted = async (file: Uint8Array) => {
    const notes: string[] = [];
    const photo = await decodePhoto(file, { name: "p.jpg", onNote: (note) => notes.push(note) });
    return { photo, notes };
  };
  // The library's types lack this method.
  const withGainMap = (raw.clone() as typeof raw & { withGainMap(): typeof raw }).withGainMap();
  const file = new Uint8Array(await withGainMap.jpeg().toBuffer());
  const hdr = await noted(file);
  assertEquals(hdr.notes, [
    "p.jpg: its HDR gain map is left out: the result is the photo in standard range",
  ]);
  assertEquals([...hdr.photo.rgb], [...await sharp(file, { ignoreIcc: true }).raw().toBuffer()]);
  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description GCamera:MotionPhoto="1"/></x:xmpmeta>`;
  const motion = await noted(new Uint8Array(await raw.clone().withXmp(xmp).jpeg().toBuffer()));
  assertEquals(motion.notes, ["p.jpg: the video of this motion photo is left out"]);
  assertMatch(new TextDecoder().decode(motion.photo.xmp), /GCamera:MotionPhoto="0"/);
});

Deno.test("decodePhoto() names the formats that it knows and cannot read", async () => {
  const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const files: Record<string, string> = {
    "HEIC is not supported": "\0\0\0\x18ftypmif1\0\0\0\0mif1heic",
    "HEIC is not": "\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "Canon's raw format CR3 is not": "\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
    "this kind of HEIF or video is not": "\0\0\0\x14ftypmp42\0\0\0\0isom",
    "JPEG XL is not": "\xff\x0a\xfa\x1f",
    "JPEG 2000 is not": "\0\0\0\x0cjP  \r\n\x87\n",
    "BMP is not": "BM\x36\0\0\0\0\0",
    "Photoshop's PSD is not": "8BPS\0\x01\0\0",
  };
  for (const [reason, start] of Object.entries(files)) {
    const error = await decodePhoto(bytes(start.padEnd(80, "\0")), { name: "x" }).catch((error) => error);
    assertMatch(String(error), new RegExp(`^UserError: Cannot read x: ${reason}[^\\n]*convert it to`));
  }
});
