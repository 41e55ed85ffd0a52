/**
 * Draws pages, comics, diagrams, screens and patterns, to train on beside photos: what is compressed and enlarged most is often no photo, and a
 * network that has seen photos alone smears letters and outlines. `deno run -A tools/drawings.ts FOLDER [--count 150] [--seed 1] [--fonts "Lato,Hack"]`.
 *
 * A drawing depends on the seed, its number, and the fonts that are installed.
 */
import sharp from "sharp";
import { Random } from "../src/base/random.ts";
import { writeFileAtomically } from "../src/base/write_file.ts";
import { readArguments, refuse, wholeNumber } from "./arguments.ts";
import { comic } from "./drawings/comic.ts";
import { diagram } from "./drawings/diagram.ts";
import { page } from "./drawings/page.ts";
import { pattern } from "./drawings/pattern.ts";
import { screen } from "./drawings/screen.ts";
import type { Sheet } from "./drawings/sheet.ts";
import { svgDocument } from "./drawings/svg.ts";

/** Pixels of a drawing. */
const [WIDTH, HEIGHT] = [800, 600];
/** One after the other; comics, which differ most, come twice. */
const KINDS = [page, comic, diagram, comic, screen, pattern];
const GENERIC_FONTS = ["serif", "sans-serif", "monospace"];

/**
 * PNG of one drawing. Some are drawn twice as large and reduced, some blurred a little, as pictures are that were made by other programs.
 * @param fonts families to choose from.
 */
export async function drawing(seed: number, number: number, fonts: readonly string[]): Promise<Uint8Array> {
  const random = new Random(seed, number);
  const sheet: Sheet = { width: WIDTH, height: HEIGHT, random, fonts };
  const svg = svgDocument(sheet, KINDS[number % KINDS.length](sheet));
  const larger = random.uniform() < 0.5;
  // librsvg draws a pixel of a document as one of the picture at 72 dots an inch.
  let picture = sharp(new TextEncoder().encode(svg), { density: larger ? 144 : 72 }).removeAlpha();
  if (larger) {
    picture = picture.resize(WIDTH, HEIGHT, { kernel: random.uniform() < 0.5 ? "lanczos3" : "cubic" });
  }
  if (random.uniform() < 0.2) picture = picture.blur(random.between(0.3, 0.8));
  return await picture.toColourspace("srgb").png().toBuffer();
}

const USAGE = 'deno run -A tools/drawings.ts FOLDER [--count 150] [--seed 1] [--fonts "Lato,Hack"]';

if (import.meta.main) {
  const { positionals: [folder], values } = readArguments(USAGE, {
    allowPositionals: true,
    options: {
      count: { type: "string", default: "150" },
      seed: { type: "string", default: "1" },
      fonts: { type: "string", default: GENERIC_FONTS.join() },
    },
  });
  if (folder === undefined) refuse(USAGE);
  const [count, seed] = [
    wholeNumber(USAGE, "--count", values.count),
    wholeNumber(USAGE, "--seed", values.seed, 0),
  ];
  await Deno.mkdir(folder, { recursive: true });
  const fonts = values.fonts.split(",").map((family) => family.trim());
  for (let i = 0; i < count; i++) {
    await writeFileAtomically(
      `${folder}/drawing_${String(i).padStart(3, "0")}.png`,
      await drawing(seed, i, fonts),
    );
  }
}
