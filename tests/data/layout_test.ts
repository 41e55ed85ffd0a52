import { arrange } from "../../src/data/layout.ts";
import type { PhotoFile } from "../../src/data/photo_files.ts";
import { assertEquals } from "../assert.ts";

/** Files by their places; those of several sources as [source, place], of several archives of a source as [source, place, archive]. */
function files(...places: (string | [number, string, string?])[]): PhotoFile[] {
  return places.map((item) => {
    const [source, place, root = `source ${source}`] = typeof item === "string" ? [0, item] : item;
    const unpack = () => Promise.resolve(undefined);
    return { name: `${source}:${place}`, source, root, place, bytes: 1, modified: 0, unpack };
  });
}

/** Pairs, other originals, and lows without one, as short texts. */
function told(...places: Parameters<typeof files>) {
  const { highs, pairs, lonelyLows } = arrange(files(...places));
  const paired = new Set(pairs.map(({ high }) => high));
  return {
    pairs: pairs.map(({ high, low, variant }) => `${low.name} < ${high.name}${variant && ` (${variant})`}`),
    single: highs.filter((high) => !paired.has(high)).map(({ name }) => name),
    lonely: lonelyLows.map(({ name }) => name),
  };
}

Deno.test("arrange() reads a folder of a low side as one only where that is certain", () => {
  assertEquals(told("p/low/a.jpg", "p/high key/b.jpg", "p/input/c.png", "p/slowly/d.png", "p/LRx/e.png"), {
    pairs: [],
    single: ["0:p/low/a.jpg", "0:p/high key/b.jpg", "0:p/input/c.png", "0:p/slowly/d.png", "0:p/LRx/e.png"],
    lonely: [],
  });
  assertEquals(told("p/DIV2K_test_LR_x8/0901x8.png", "p/low_res/a.png", "p/x.png"), {
    pairs: [],
    single: ["0:p/x.png"],
    lonely: ["0:p/DIV2K_test_LR_x8/0901x8.png", "0:p/low_res/a.png"],
  });
  // The folder that a person names is what they say it is.
  assertEquals(told("LR/a.png").single, ["0:LR/a.png"]);
});

Deno.test("arrange() finds partners by path, then without scales and sides in the name, but never two for one", () => {
  assertEquals(
    told(
      ...[
        "s/GT/a/1.png",
        "s/GT/b/1.png",
        "s/GT/2_hr.png",
        "s/GT/3.png",
        "s/GT/4x2.png",
        "s/GT/5.png",
        "s/GT/5_HR.png",
      ],
      ...[
        "s/noisy/a/1.jpg",
        "s/noisy/x4/b/1x4.png",
        "s/noisy/2-noisy.png",
        "s/noisy/4x2.png",
        "s/noisy/5_lr.png",
        "s/noisy/6.png",
      ],
    ),
    {
      pairs: [
        "0:s/noisy/a/1.jpg < 0:s/GT/a/1.png",
        "0:s/noisy/x4/b/1x4.png < 0:s/GT/b/1.png (x4)",
        "0:s/noisy/2-noisy.png < 0:s/GT/2_hr.png",
        "0:s/noisy/4x2.png < 0:s/GT/4x2.png (x2)",
        "0:s/noisy/5_lr.png < 0:s/GT/5.png",
      ],
      single: ["0:s/GT/3.png", "0:s/GT/5_HR.png"],
      lonely: ["0:s/noisy/6.png"],
    },
  );
  assertEquals(told("s/HR/1.png", "s/LR/1.png", "s/LR/1.jpg").lonely.length, 1, "the same low side twice");
});

Deno.test("arrange() keeps sources and archives of the same layout apart, and pairs those that are a side each", () => {
  const both = ["k1/high/7.png", "k1/low/7.png"];
  assertEquals(
    told(...both.map((place): [number, string] => [0, place]), [1, "k1/high/7.png"], [1, "k1/low/7.png"], [
      1,
      "k1/low/8.png",
    ], [
      0,
      "k1/high/8.png",
    ]),
    {
      pairs: ["0:k1/low/7.png < 0:k1/high/7.png", "1:k1/low/7.png < 1:k1/high/7.png"],
      single: ["0:k1/high/8.png"],
      lonely: ["1:k1/low/8.png"],
    },
  );
  assertEquals(
    told([0, "DIV2K_valid_HR/0801.png"], [1, "DIV2K_valid_LR_wild/0801x4w2.png"], [2, "HR/1.png"], [
      3,
      "LR/1.jpg",
    ]).pairs,
    [
      "1:DIV2K_valid_LR_wild/0801x4w2.png < 0:DIV2K_valid_HR/0801.png (wild x4w2)",
      "3:LR/1.jpg < 2:HR/1.png",
    ],
  );
  assertEquals(told([0, "d/HR/1.png", "a.zip"], [0, "d/LR/1.png", "b.zip"], [0, "d/photo.png", "d"]), {
    pairs: ["0:d/LR/1.png < 0:d/HR/1.png"],
    single: ["0:d/photo.png"],
    lonely: [],
  });
});

Deno.test("arrange() compares few files where many have the same name but for a scale", () => {
  const count = 500;
  let compared = 0;
  const counted = (file: PhotoFile): PhotoFile => ({
    ...file,
    get root() {
      compared++;
      return file.root;
    },
  });
  const numbers = [...Array(count).keys()];
  for (const sides of [["high", "low"], ["high", "low/other"]]) {
    const places = numbers.flatMap((i) => sides.map((side) => `set/${side}/crop_x${i}.png`));
    compared = 0;
    const { pairs } = arrange(files(...places).map(counted));
    // Those of another folder have no name in common with one original alone.
    assertEquals(pairs.length, sides[1] === "low" ? count : 0);
    assertEquals(compared < 50 * count, true, `${compared}`);
  }
});
