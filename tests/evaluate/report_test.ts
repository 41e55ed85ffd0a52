import { type Evaluation, meanOf, type PhotoResult, type Scores } from "../../src/evaluate/evaluate.ts";
import { evaluateFolder } from "../../src/evaluate/evaluate_folder.ts";
import { allRows, formatJson, formatTable } from "../../src/evaluate/report.ts";
import { formatHtml, Illustrations } from "../../src/evaluate/report_html.ts";
import { parseRestorers } from "../../src/evaluate/restorer.ts";
import { assert, assertEquals } from "../assert.ts";
import { smoothPicture, writePng } from "./pictures.ts";

function scores(psnr: number, shift: number): Scores {
  const mse = 255 ** 2 / 10 ** (psnr / 10);
  return {
    mse,
    psnr,
    psnrY: psnr + 1,
    ssim: Math.min(1, psnr / 50),
    channelShift: [shift, 0, -shift / 2],
    shift: Math.abs(shift),
  };
}

const photos: PhotoResult[] = [
  {
    name: "a.png",
    width: 4,
    height: 3,
    damage: "blur:1",
    degraded: scores(25, 0.1),
    restored: [scores(31.234, -0.256), scores(20, 12)],
  },
  {
    name: "sub/cafe\u0301.jpg",
    width: 9,
    height: 7,
    damage: "none",
    degraded: scores(Infinity, 0),
    restored: [scores(Infinity, 0), scores(45, 0)],
  },
];
const evaluation: Evaluation = {
  data: "holiday <photos>",
  recipe: "mix(blur:0-2)",
  seed: 3,
  restorers: ["photo", "median+unsharp:1:2"],
  photos,
  mean: meanOf(photos),
  failures: [{ name: "z.png", reason: "Cannot read the photo 'z.png': cut short" }],
  skipped: [{ name: "y.heic", reason: ".heic files are not taken" }],
};

Deno.test("formatTable() gives an aligned row for each photo, restorer and mean", () => {
  assertEquals(
    formatTable(evaluation).split("\n"),
    [
      "2 photos of holiday <photos>, degraded by mix(blur:0-2) (seed 3)",
      "",
      "photo                                MSE  PSNR dB  gain dB   Y dB    SSIM  shift",
      "a.png         degraded            205.63    25.00           26.00  0.5000   0.10",
      "              photo                48.94    31.23    +6.23  32.23  0.6247   0.26",
      "              median+unsharp:1:2  650.25    20.00    -5.00  21.00  0.4000  12.00",
      "sub/cafe\u0301.jpg  degraded              0.00      inf             inf  1.0000   0.00",
      "              photo                 0.00      inf    +0.00    inf  1.0000   0.00",
      "              median+unsharp:1:2    2.06    45.00     -inf  46.00  0.9000   0.00",
      "--------------------------------------------------------------------------------",
      "mean of 2     degraded            102.81    25.00           26.00  0.7500   0.05",
      "              photo                24.47    31.23    +6.23  32.23  0.8123   0.13",
      "              median+unsharp:1:2  326.15    20.00    -5.00  21.00  0.6500   6.00",
      "",
      "PSNR over RGB, Y dB over luma; SSIM of luma; shift: largest mean change of a colour channel, in 1/255. " +
      "The mean PSNR leaves out 1 that the recipe did not harm.",
      "Left out z.png: Cannot read the photo 'z.png': cut short",
    ],
  );
});

Deno.test("formatTable() gives a gain that rounds to nothing no sign of a loss", () => {
  const rows = [24.996, 24.994, 25.004].map((psnr) => {
    const [photo] = photos;
    const one = [{ ...photo, restored: [scores(psnr, 0)] }];
    return allRows({ ...evaluation, restorers: ["photo"], photos: one, mean: meanOf(one) })[1].cells[2];
  });
  assertEquals(rows, ["+0.00", "-0.01", "+0.00"]);
});

Deno.test("formatTable() says what came back exact, and gives the gain over the photos that the mean is of", () => {
  const exact = scores(Infinity, 0);
  const some: PhotoResult[] = [
    { ...photos[0], degraded: scores(40, 0), restored: [exact, scores(42, 0)] },
    { ...photos[0], degraded: scores(20, 0), restored: [scores(30, 0), scores(21, 0)] },
    photos[1],
  ];
  const mixed = { ...evaluation, photos: some, mean: meanOf(some) };
  const of = (report: Evaluation) =>
    allRows(report).slice(-3).map(({ cells }) => cells.slice(1, 3).join(" "));
  // The mean of what was damaged is 30 dB, and of that without the exact one 20 dB.
  assertEquals(of(mixed), ["30.00 ", "30.00 +10.00", "31.50 +1.50"]);
  assert(
    formatTable(mixed).includes(
      "The mean PSNR leaves out 1 that the recipe did not harm. " +
        "The mean PSNR of photo leaves out 1 that came back exact, and so does its gain.\n",
    ),
  );
  const all = some.map((photo) => ({ ...photo, restored: [exact, exact] }));
  const perfect = { ...evaluation, photos: all, mean: meanOf(all) };
  assertEquals(of(perfect), ["30.00 ", "inf +inf", "inf +inf"]);
  assert(!formatTable(perfect).includes("came back exact"));
});

Deno.test("formatTable() names pairs that came as files without a recipe", () => {
  const [title, , head] = formatTable({ ...evaluation, recipe: undefined, data: "low:high", failures: [] })
    .split("\n");
  assertEquals(title, "2 photos of low:high");
  assert(head.startsWith("photo"));
});

Deno.test("formatJson() holds every figure, restorers by name, infinity as such", () => {
  const document = JSON.parse(formatJson(evaluation));
  assertEquals(
    Object.keys(document),
    ["data", "recipe", "seed", "restorers", "failures", "skipped", "photos", "mean"],
  );
  assertEquals([document.failures, document.skipped], [evaluation.failures, evaluation.skipped]);
  assertEquals(document.photos[0], {
    ...photos[0],
    restored: { photo: photos[0].restored[0], "median+unsharp:1:2": photos[0].restored[1] },
  });
  assertEquals(document.photos[1].degraded.psnr, "Infinity");
  assertEquals(Number(document.photos[1].restored.photo.psnr), Infinity);
  assertEquals(document.mean.degraded, evaluation.mean.degraded);
  assertEquals(document.mean.restored.photo, evaluation.mean.restored[0]);
});

Deno.test("formatHtml() makes one page with the table and the middle of each picture", async () => {
  const folder = await Deno.makeTempDir({ prefix: "clairnet report " });
  try {
    const [width, height] = [340, 20];
    const original = smoothPicture(width, height, 2);
    await writePng(`${folder}/a & b.png`, original, width, height);
    await writePng(`${folder}/c.png`, smoothPicture(8, 8), 8, 8);
    const restorers = parseRestorers("median");
    const illustrations = new Illustrations(["median"], 1);
    const result = await evaluateFolder({
      data: folder,
      recipe: "salt-pepper:0.02",
      restorers,
      onPictures: illustrations.add,
    });
    const page = formatHtml(result, illustrations);

    assert(page.includes("a &amp; b.png") && !page.includes("a & b.png"), "names are escaped");
    for (const { cells } of allRows(result)) {
      assert(page.includes(cells.map((cell) => `<td>${cell}</td>`).join("")), `${cells}`);
    }
    assert(!/(src|href)="(?!data:)/.test(page), "it needs no other file");
    const pictures = [...page.matchAll(/<img src="data:image\/png;base64,([^"]+)" alt="([^"]+)"/g)];
    assertEquals(pictures.map(([, , alt]) => alt.replace(/, [\d.]+ dB/, "")), [
      "a &amp; b.png: degraded",
      "a &amp; b.png: median",
      "a &amp; b.png: original",
    ]);
    const { default: sharp } = await import("sharp");
    const { data, info } = await sharp(Uint8Array.fromBase64(pictures[2][1])).raw().toBuffer({
      resolveWithObject: true,
    });
    assertEquals([info.width, info.height, info.channels], [256, 20, 3]);
    for (let y = 0; y < height; y++) {
      const row = new Uint8Array(data.subarray(y * 768, (y + 1) * 768));
      assertEquals(row, original.slice((y * width + 42) * 3, (y * width + 298) * 3));
    }
    assert(formatHtml(evaluation).includes("holiday &lt;photos&gt;"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
