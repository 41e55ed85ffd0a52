/** The folder of the trials: what it must not hold, and the settings that a rerun must share. */
import { systemReason, UserError } from "../base/errors.ts";
import { folderFault, writingFault } from "../base/folder_fault.ts";
import { writeNamedFile } from "../base/write_file.ts";
import type { PhotoSurvey } from "../data/open.ts";
import { type Preset, topologyOf, TRIALS } from "./settings.ts";
import { requireEnough } from "./split.ts";

/** The page for people and the document for programs that the trials end with. */
export const REPORT_FILES = { page: "report.html", document: "trials.json" };

/** What a rerun must have in common with the run before it, by name. */
type RunSettings = Readonly<Record<string, unknown>>;

/** Settings that are known before any photo is read. */
export function settingsOf(
  { preset, seed }: { readonly preset: Preset; readonly seed: number },
  { paired, recipe = null }: { readonly paired: boolean; readonly recipe?: string | null },
): RunSettings {
  return {
    ...{ version: 1, seed, steps: preset.steps, preset, paired, recipe },
    recipes: TRIALS.map(({ recipe }) => recipe),
    networks: TRIALS.map((trial) => topologyOf(trial, preset)),
  };
}

/**
 * Refuses what is wrong as far as it is known before a GPU is opened and photos are read.
 * @throws {UserError} where there are too few photos, or the folder is a file, takes no files, or holds trials of other settings or another report.
 */
export async function checkTrials(
  { out, survey, ...asked }: {
    readonly out: string;
    readonly survey: PhotoSurvey;
    readonly preset: Preset;
    readonly seed: number;
  },
): Promise<void> {
  requireEnough(survey.count);
  const fault = await folderFault(out) ?? await writingFault(out);
  if (fault) {
    throw new UserError(`Cannot run the trials in '${out}': ${fault}; choose another --out`, { exitCode: 2 });
  }
  if (await requireSame(out, settingsOf(asked, survey))) return;
  for (const name of Object.values(REPORT_FILES)) await requireNone(out, name);
}

/** @throws {UserError} where the folder, which holds no trials, has a file that they would replace in the end. */
async function requireNone(out: string, name: string): Promise<void> {
  if (!await Deno.lstat(`${out}/${name}`).then(() => true, () => false)) return;
  throw new UserError(`Cannot run the trials in '${out}': it holds another ${name}; choose another --out`, {
    exitCode: 2,
  });
}

/**
 * Writes the settings of all trials into the folder, or holds them against those that are there.
 * @throws {UserError} naming what differs: trials of different settings cannot be compared.
 */
export async function claimFolder(out: string, settings: RunSettings): Promise<void> {
  if (await requireSame(out, settings)) return;
  await writeNamedFile(
    settingsPath(out),
    new TextEncoder().encode(JSON.stringify(settings, null, 2) + "\n"),
  );
}

function settingsPath(out: string): string {
  return `${out}/settings.json`;
}

/**
 * @param settings some or all of them.
 * @returns false where the folder has none yet.
 * @throws {UserError} naming what differs.
 */
async function requireSame(out: string, settings: RunSettings): Promise<boolean> {
  const path = settingsPath(out);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new UserError(`Cannot read '${path}': ${systemReason(error)}`, { cause: error });
  }
  let before: RunSettings;
  try {
    before = Object(JSON.parse(text));
  } catch (error) {
    throw new UserError(`Cannot go on in '${out}': ${path} is damaged; choose another --out`, {
      cause: error,
    });
  }
  const differs = Object.keys(settings).find((key) =>
    JSON.stringify(before[key]) !== JSON.stringify(settings[key])
  );
  if (differs === undefined) return true;
  const short = (value: unknown) => {
    const written = JSON.stringify(value) ?? "nothing";
    return written.length > 60 ? "others" : written;
  };
  throw new UserError(
    `Cannot go on in '${out}': its trials have ${differs} ${short(before[differs])}, this run asks for ${
      short(settings[differs])
    }; choose another --out`,
    { exitCode: 2 },
  );
}
