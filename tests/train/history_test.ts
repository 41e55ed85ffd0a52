import sharp from "sharp";
import { assert, assertEquals } from "../assert.ts";
import { withFolder } from "../data/photos.ts";
import { Random } from "../../src/base/random.ts";
import { formatHistory, type HistoryRow, parseHistory } from "../../src/train/history.ts";
import { plotHistory } from "../../src/train/history_plot.ts";
import { saveHistory } from "../../src/train/save_history.ts";

/** A course of training: the loss falls, the PSNR (every fifth row) rises. */
function someRows(seed: number, count = 40): HistoryRow[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => ({
    step: 20 * (i + 1),
    loss: 0.2 / (i + 1) * random.between(0.8, 1.2),
    learningRate: 1e-3 * random.uniform(),
    gradientNorm: Math.exp(random.between(-20, 3)),
    ...(i % 5 === 4 ? { psnr: 24 + 4 * i / count + random.uniform() } : {}),
  }));
}

/** Pixels of a picture that are nearly of a colour: rows (from 0) and columns. */
async function pixelsOf(svg: string, colour: readonly number[]): Promise<{ x: number; y: number }[]> {
  // librsvg refuses an SVG that is not well formed.
  const { data, info } = await sharp(new TextEncoder().encode(svg)).removeAlpha().raw()
    .toBuffer({ resolveWithObject: true });
  const found: { x: number; y: number }[] = [];
  for (let i = 0; i < data.length; i += 3) {
    if (colour.every((value, c) => Math.abs(value - data[i + c]) < 40)) {
      found.push({ x: (i / 3) % info.width, y: Math.floor(i / 3 / info.width) });
    }
  }
  return found;
}

const BLUE = [0x42, 0x69, 0xd0];
const GREEN = [0x3c, 0xa9, 0x51];

Deno.test("parseHistory() reads back what formatHistory() wrote, bit for bit", () => {
  const rows = someRows(1);
  assertEquals(parseHistory(formatHistory(rows)), rows);
  assertEquals(parseHistory(formatHistory([])), []);
  const [header, first] = formatHistory(rows).split("\n");
  assertEquals(header.split(",").length, first.split(",").length);
});

Deno.test("parseHistory() passes over a last line that was cut short", () => {
  const rows = someRows(2, 3);
  assertEquals(parseHistory(formatHistory(rows) + "80,0.1"), rows);
  assertEquals(parseHistory(""), []);
});

Deno.test("plotHistory() draws a well-formed SVG with the loss falling above and the PSNR rising below", async () => {
  const svg = await plotHistory(someRows(3));
  const { width, height } = await sharp(new TextEncoder().encode(svg)).metadata();
  assertEquals([width, height], [720, 480]);
  const loss = await pixelsOf(svg, BLUE);
  const psnr = await pixelsOf(svg, GREEN);
  assert(loss.length > 300 && loss.every(({ y }) => y < 240), `${loss.length} blue pixels`);
  assert(psnr.length > 100 && psnr.every(({ y }) => y > 240), `${psnr.length} green pixels`);
  const meanY = (points: { y: number }[]) => points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const half = (points: { x: number; y: number }[], right: boolean) =>
    points.filter(({ x }) => (x > 360) === right);
  // y grows downwards.
  assert(meanY(half(loss, false)) < meanY(half(loss, true)) - 10);
  assert(meanY(half(psnr, false)) > meanY(half(psnr, true)) + 10);
});

Deno.test("plotHistory() draws a course without any PSNR, and one of a single row", async () => {
  const without = someRows(4).map(({ psnr: _, ...row }) => row);
  assertEquals((await pixelsOf(await plotHistory(without), GREEN)).length, 0);
  assert((await pixelsOf(await plotHistory(without), BLUE)).length > 300);
  await pixelsOf(await plotHistory(someRows(5, 1)), BLUE);
});

/** What stands beside the ticks of each of the two plots. */
function labelsOf(svg: string): { steps: string[]; levels: string[] }[] {
  const plots = svg.split("<svg ").slice(2);
  assertEquals(plots.length, 2);
  return plots.map((plot) => {
    const texts = (axis: string) => {
      const [, group] = plot.split(`aria-label="${axis}-axis tick label"`);
      return [...(group ?? "").split("</g>")[0].matchAll(/<text[^>]*>([^<]+)</g)].map(([, text]) => text);
    };
    return { steps: texts("x"), levels: texts("y") };
  });
}

Deno.test("plotHistory() writes plain short figures below and beside both plots, from one measurement on", async () => {
  // One measurement at the last step; a fall over four powers of ten; a flat course.
  const short = someRows(8, 5);
  const long = someRows(9, 400).map((row) => ({ ...row, loss: row.loss ** 2 }));
  const flat = someRows(10, 20).map((row) => ({ ...row, loss: 0.05, psnr: 31 }));
  for (const rows of [short, long, flat]) {
    const [loss, psnr] = labelsOf(await plotHistory(rows));
    assertEquals(psnr.steps, loss.steps);
    assert(loss.steps.length > 3 && loss.steps[0] === "0", loss.steps.join());
    const last = Number(loss.steps.at(-1)!.replaceAll(",", ""));
    assert(last <= rows.at(-1)!.step && last > 0.7 * rows.at(-1)!.step, `${last}`);
    const written = [...loss.levels, ...psnr.levels];
    assert(psnr.levels.length > 1 && loss.levels.length > 0, written.join());
    for (const text of written) assert(/^(0\.\d{1,5}|\d{1,2}(\.\d{1,2})?|\de-\d)$/.test(text), text);
  }
});

Deno.test("saveHistory() writes both files, replaces earlier ones and leaves nothing else", async () => {
  await withFolder(async (dir) => {
    await saveHistory(dir, someRows(6, 3));
    const rows = someRows(7);
    await saveHistory(dir, rows);
    const names = [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
    assertEquals(names, ["history.csv", "history.svg"]);
    assertEquals(parseHistory(await Deno.readTextFile(`${dir}/history.csv`)), rows);
    assertEquals(await Deno.readTextFile(`${dir}/history.svg`), await plotHistory(rows));
  });
});
