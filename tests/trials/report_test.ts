import { errorMap, makeStrips } from "../../src/trials/strips.ts";
import { photoTable } from "../../src/trials/tables.ts";
import { drawPlots } from "../../src/trials/plots.ts";
import { formatReport } from "../../src/trials/report_page.ts";
import { formatTrialsJson, spreadOf, summaryOf } from "../../src/trials/results.ts";
import type { TestedPhoto } from "../../src/trials/run_trials.ts";
import { narrate } from "../../src/trials/narrative.ts";
import { escapeHtml } from "../../src/base/html.ts";
import { assert, assertAllClose, assertEquals } from "../assert.ts";
import { testPixels } from "../data/photos.ts";
import { reportOf, scores } from "./reports.ts";

const report = reportOf([
  { low: Infinity, network: 33.3, patches: [24, 25, 26, 27] },
  { low: 25, network: 27.5, patches: [24, 25, 26, 27] },
  { low: 22, network: 21.4, patches: [20, 21, 22, 23] },
  { low: 26, network: 29, patches: [24, 25, 26, 27] },
]);

const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
const count = (svg: string, element: string) => svg.split(`<${element} `).length - 1;

Deno.test("spreadOf() is mean and standard deviation, without what is infinite unless all is", () => {
  assertEquals(spreadOf([1, 2, 3, 4]), { mean: 2.5, deviation: Math.sqrt(1.25) });
  assertEquals(spreadOf([Infinity, 20, 30]), { mean: 25, deviation: 5 });
  assertEquals(spreadOf([Infinity, Infinity]), { mean: Infinity, deviation: 0 });
});

Deno.test("summaryOf() leaves photos out of the PSNR that the damage left untouched", () => {
  const photo = (low: number, restored: number) => ({
    ...{ name: "a", width: 1, height: 1 },
    degraded: scores(low),
    restored: [scores(restored, { channelShift: [3, 0, -3] })],
  });
  const photos = [photo(20, 24), photo(Infinity, 40), photo(30, 30)];
  const { psnr, ssim, channelShift } = summaryOf(photos, photos.map(({ restored }) => restored[0]));
  assertEquals([psnr.mean, channelShift], [27, [3, 0, -3]]);
  assertAllClose([ssim.mean], [(0.48 + 0.8 + 0.6) / 3], 1e-12);
  assertEquals(summaryOf([photos[1]], [photos[1].restored[0]]).psnr.mean, 40);
});

Deno.test("formatTrialsJson() holds all figures, infinity as a string", () => {
  const document = JSON.parse(formatTrialsJson(report));
  assertEquals(document.trials[0].low.psnr.mean, "Infinity");
  assertEquals(document.trials[1].photos[2].restored[3].psnr, 27);
  assertEquals(
    document.transfer,
    JSON.parse(JSON.stringify(report.transfer, (_, v) => v === Infinity ? "Infinity" : v)),
  );
});

Deno.test("drawPlots() draws a mark for each figure and writes each value that it should", async () => {
  const plots = await drawPlots(report);
  assertEquals(count(plots.curves.svg, "circle"), 4 * 2);
  assertEquals(count(plots.scatter.svg, "circle"), 3 * 3);
  assertEquals(plots.scatter.note, "3 of 12 are not shown: their low side is equal to the original (∞ dB).");
  const bars = texts(plots.methods.svg);
  for (const value of ["33.3", "25.0", "27.5", "22.0", "21.4", "29.0"]) {
    assert(bars.includes(value), `${value}: ${bars}`);
  }
  assert(bars.includes("∞: equal to the original"));
  const cells = texts(plots.transfer.svg);
  for (const value of ["33.30", "27.50 ★", "29.00 ★", "∞"]) {
    assert(cells.includes(value), `${value}: ${cells}`);
  }
  assertEquals(count(plots.transfer.svg, "rect"), 16);
  assertEquals(count(plots.colour.svg, "rect"), 12);
  for (const { svg } of Object.values(plots)) {
    assert(svg.startsWith("<svg") && !svg.includes("NaN"), svg.slice(0, 300));
  }
});

Deno.test("formatReport() is one page with every sentence and figure that needs no other file", async () => {
  const [width, height] = [8, 6];
  const original = testPixels(width, height, 1);
  const photos = report.trials[1].photos.map((result): TestedPhoto => ({
    result,
    pictures: {
      ...{ width, height, original, degraded: testPixels(width, height, 2) },
      restored: result.restored.map((_, i) => testPixels(width, height, 3 + i)),
    },
  }));
  const strips = await makeStrips(photos, ["U-Net", "Isomap", "PCA + neighbours", "neighbours"]);
  const page = await formatReport(report, report.trials.map(() => strips));
  const { summary, trials, transfer, colour, patches } = narrate(report);
  for (const sentence of [...summary, ...trials.flat(), ...transfer, ...colour, ...patches]) {
    assert(page.includes(escapeHtml(sentence)), sentence);
  }
  assert(page.includes("photo &lt;1&gt;.jpg") && !page.includes("photo <1>"), "names are escaped");
  // Name spaces of SVG are no addresses to load from.
  assert(!/(src|href)="(?!data:)|url\(|@import|<script|<link/.test(page), "it needs no other file");
  assertEquals(page.split("<img ").length - 1, 4 * (3 * 4 + 4));
  assert(
    page.includes("<td>24.00</td>") && page.includes("<td>+2.50</td>") && page.includes("<td>± 0.82</td>"),
  );
  const plain = await formatReport(
    reportOf([{ low: 40, network: 33 }, { low: 25, network: 27 }, { low: 22, network: 21 }, {
      low: 26,
      network: 29,
    }]),
    [],
  );
  assert(!plain.includes("Isomap"), "methods that were left out are not spoken of");
});

Deno.test("photoTable() gives each step of a damage a line of its own, so that the page need not be wider", () => {
  const [trial] = report.trials.slice(2);
  const photos = trial.photos.map((photo) => ({ ...photo, damage: "salt-pepper:0.02,blur:2.1" }));
  const table = photoTable({ ...trial, photos });
  assertEquals(table.split("<td>salt-pepper:0.02,\nblur:2.1</td>").length - 1, photos.length);
});

Deno.test("makeStrips() shows the photos that gained most, least, and the middle one, pixel for pixel", async () => {
  const [width, height] = [10, 7];
  const original = testPixels(width, height, 1);
  const photos = [3, -1, 1, 0].map((gain, i): TestedPhoto => ({
    result: {
      ...{ name: `${gain}.png`, width, height },
      degraded: scores(25),
      restored: [scores(25 + gain)],
    },
    pictures: {
      width,
      height,
      original,
      degraded: testPixels(width, height, i),
      restored: [testPixels(width, height, 50 + i)],
    },
  }));
  const strips = await makeStrips(photos, ["U-Net"]);
  assertEquals(strips.map(({ title }) => title), ["best: 3.png", "middle: 1.png", "worst: -1.png"]);
  assertEquals(strips[0].pictures.map(({ caption }) => caption), [
    "low, 25.00 dB",
    "predicted, 28.00 dB",
    "high",
    "error ×6",
  ]);
  const { default: sharp } = await import("sharp");
  const shown = await sharp(Uint8Array.fromBase64(strips[2].pictures[1].url.split(",")[1])).raw().toBuffer();
  assertEquals(new Uint8Array(shown), photos[1].pictures.restored[0]);
});

Deno.test("errorMap() is black where pictures agree and goes over red and yellow to white", () => {
  const original = new Uint8Array(12).fill(100);
  const actual = Uint8Array.of(100, 100, 100, 110, 100, 100, 120, 80, 120, 200, 100, 90);
  assertEquals([...errorMap(actual, original)], [0, 0, 0, 60, 0, 0, 255, 105, 0, 255, 255, 150]);
});
