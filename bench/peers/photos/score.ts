/**
 * Measures what programs made of the cases: `deno run -A bench/peers/photos/score.ts FOLDER [--json]`.
 *
 * Prints a table in Markdown, or `[{case, program, photos, exact?, psnr, psnrY}]`, dB. Everybody's files are measured as `clairnet evaluate`
 * measures ours, an enlargement without a border of two pixels.
 */
import { UserError } from "../../../src/base/errors.ts";
import { decodeRgb, isGrey } from "../../../src/data/decode.ts";
import { listPhotos } from "../../../src/data/list_photos.ts";
import { evaluatePairs, meanOf } from "../../../src/evaluate/evaluate.ts";
import type { PairSource } from "../../../src/evaluate/pairs.ts";
import { readArguments, refuse } from "../../../tools/arguments.ts";
import { runScript } from "../../../tools/run_script.ts";
import { type Case, casesIn, INPUT, ORIGINAL } from "./cases.ts";

export interface Score {
  readonly case: string;
  /** `input` for the pictures as the programs got them, those of half the size enlarged by the bicubic filter. */
  readonly program: string;
  readonly photos: number;
  /** Photos that came back exact, where there are any: the decibels leave them out unless all are such. */
  readonly exact?: number;
  /** dB over RGB and over luma, mean of the photos. */
  readonly psnr: number;
  readonly psnrY: number;
}

/**
 * Scores of every program that has run, case by case.
 * @throws {UserError} where a program's answer is missing or of the wrong size.
 */
export async function scoreFolder(folder: string): Promise<Score[]> {
  const scores: Score[] = [];
  for (const which of await casesIn(folder)) {
    scores.push(...await scoreCase(`${folder}/${which.name}`, which));
  }
  return scores;
}

async function scoreCase(folder: string, { name, scale }: Case): Promise<Score[]> {
  const programs: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && ![ORIGINAL, INPUT].includes(name) && !name.endsWith(".tmp")) programs.push(name);
  }
  programs.sort();
  let photo = "";
  const { names } = await listPhotos(`${folder}/${ORIGINAL}`);
  const source: PairSource = {
    names,
    scale,
    async load(index) {
      photo = names[index];
      const original = await decodeRgb(`${folder}/${ORIGINAL}/${photo}`);
      const input = await decodeRgb(`${folder}/${INPUT}/${photo}`);
      const grey = await isGrey(`${folder}/${ORIGINAL}/${photo}`);
      return {
        width: original.width,
        height: original.height,
        original: original.rgb,
        degraded: input.rgb,
        grey,
      };
    },
  };
  const restorers = programs.map((program) => ({
    name: program,
    scale,
    restore: async (_: Uint8Array, width: number, height: number) => {
      const path = `${folder}/${program}/${photo}`;
      const answer = await decodeRgb(path);
      if (answer.width !== width * scale || answer.height !== height * scale) {
        throw new UserError(`'${path}' has ${answer.width}×${answer.height} pixels`);
      }
      return answer.rgb;
    },
  }));
  const { photos, failures } = await evaluatePairs(source, { restorers });
  if (failures.length > 0) throw new UserError(failures[0].reason);
  const { degraded, restored } = meanOf(photos);
  return [degraded, ...restored].map(({ psnr, psnrY, exact }, i) => ({
    ...{ case: name, program: ["input", ...programs][i], photos: photos.length, psnr, psnrY },
    ...(exact !== undefined && { exact }),
  }));
}

/** A row a program, a column a case: dB over luma and over RGB for enlargements, over RGB for the rest. */
export function scoreTable(scores: readonly Score[]): string {
  const sides = [2, 1].flatMap((scale) => {
    const ours = scores.filter((score) => score.case.endsWith(" x2") === (scale === 2));
    const [cases, programs] = [(s: Score) => s.case, (s: Score) => s.program].map((
      of,
    ) => [...new Set(ours.map(of))]);
    const cell = (program: string, name: string) => {
      const score = ours.find((score) => score.case === name && score.program === program);
      if (!score) return "–";
      const exact = score.exact && Number.isFinite(score.psnr) ? ` (without ${score.exact} exact)` : "";
      const psnr = score.psnr.toFixed(2) + exact;
      return scale === 2 ? `${score.psnrY.toFixed(2)}, ${psnr}` : psnr;
    };
    if (cases.length === 0) return [];
    const photos = (name: string) => ours.find((score) => score.case === name)!.photos;
    return [
      `|  | ${cases.map((name) => `${name} (${photos(name)})`).join(" | ")} |`,
      `|${" --- |".repeat(cases.length + 1)}`,
      ...programs.map((program) =>
        `| ${[program, ...cases.map((name) => cell(program, name))].join(" | ")} |`
      ),
    ].join("\n");
  });
  return sides.join("\n\n");
}

const USAGE = "deno run -A bench/peers/photos/score.ts FOLDER [--json]";

if (import.meta.main) {
  await runScript(async () => {
    const { positionals: [folder, ...more], values } = readArguments(USAGE, {
      allowPositionals: true,
      options: { json: { type: "boolean" } },
    });
    if (folder === undefined || more.length > 0) refuse(USAGE);
    const scores = await scoreFolder(folder);
    console.log(values.json ? JSON.stringify(scores, undefined, 2) : scoreTable(scores));
  });
}
