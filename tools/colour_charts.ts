/**
 * Draws charts of plain patches and ramps, grey, saturated and in between, to train on beside photos: these hold too few of them for a network to
 * learn that a plain area keeps its colour. `deno run -A tools/colour_charts.ts FOLDER [--count 40] [--seed 1]`.
 */
import { Random } from "../src/base/random.ts";
import { encodePhoto } from "../src/image/encode.ts";
import { writeFileAtomically } from "../src/base/write_file.ts";
import { readArguments, refuse, wholeNumber } from "./arguments.ts";

const [WIDTH, HEIGHT] = [800, 600];
/** Patches that are drawn over each other on a chart, and their sides in pixels. */
const PATCHES = 60;
const [SMALLEST, LARGEST] = [40, 400];

type Colour = readonly [number, number, number];

/** A grey, a corner of the colour cube, or any colour, equally often; 0..255. */
function colour(random: Random): Colour {
  const kind = Math.floor(random.uniform() * 3);
  const any = () => random.uniform() * 255;
  if (kind === 0) {
    const grey = any();
    return [grey, grey, grey];
  }
  const channel = () => kind === 1 ? random.uniform() < 0.5 ? 0 : 255 : any();
  return [channel(), channel(), channel()];
}

/** One chart: patches of one colour, or of a ramp between two, along any direction. */
function colourChart(random: Random): Uint8Array {
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let patch = 0; patch < PATCHES; patch++) {
    // The first covers all.
    const [w, h] = patch === 0
      ? [WIDTH, HEIGHT]
      : [random.between(SMALLEST, LARGEST), random.between(SMALLEST, LARGEST)];
    const [left, top] = patch === 0
      ? [0, 0]
      : [random.between(-w / 2, WIDTH - w / 2), random.between(-h / 2, HEIGHT - h / 2)];
    const from = colour(random);
    const to = random.uniform() < 0.5 ? from : colour(random);
    const angle = random.uniform() * 2 * Math.PI;
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
    const reach = Math.abs(dx) * w + Math.abs(dy) * h;
    for (let y = Math.max(0, Math.round(top)); y < Math.min(HEIGHT, top + h); y++) {
      for (let x = Math.max(0, Math.round(left)); x < Math.min(WIDTH, left + w); x++) {
        const along = 0.5 + ((x - left - w / 2) * dx + (y - top - h / 2) * dy) / reach;
        for (let c = 0; c < 3; c++) {
          rgb[3 * (y * WIDTH + x) + c] = Math.round(
            from[c] + Math.min(Math.max(along, 0), 1) * (to[c] - from[c]),
          );
        }
      }
    }
  }
  return rgb;
}

const USAGE = "deno run -A tools/colour_charts.ts FOLDER [--count 40] [--seed 1]";

if (import.meta.main) {
  const { positionals: [folder], values } = readArguments(USAGE, {
    allowPositionals: true,
    options: { count: { type: "string", default: "40" }, seed: { type: "string", default: "1" } },
  });
  if (folder === undefined) refuse(USAGE);
  const [count, seed] = [
    wholeNumber(USAGE, "--count", values.count),
    wholeNumber(USAGE, "--seed", values.seed, 0),
  ];
  await Deno.mkdir(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const rgb = colourChart(new Random(seed, i));
    const photo = { width: WIDTH, height: HEIGHT, rgb, grey: false, format: "png" } as const;
    await writeFileAtomically(
      `${folder}/chart_${String(i).padStart(2, "0")}.png`,
      await encodePhoto(photo, { format: "png" }),
    );
  }
}
