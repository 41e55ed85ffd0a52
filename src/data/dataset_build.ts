/** Builds a data set: photos brought to one size, each with its degraded twin. */
import { basename, dirname, resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import { BuildJournal, type Outcome } from "./build_journal.ts";
import { BuildTally } from "./build_tally.ts";
import { type BuildOptions, type BuildPlan, planBuild, planOf } from "./build_plan.ts";
import type { Candidate } from "./candidates.ts";
import { contactSheet } from "./contact_sheet.ts";
import {
  DATASET_FILE,
  type DatasetDescription,
  isDataset,
  readDescription,
  SHEET_FILE,
} from "./dataset_file.ts";
import { reasonOf } from "./decode.ts";
import { describe } from "./describe_build.ts";
import { inOrder } from "./in_order.ts";
import { openPictureWriter, type PictureWriter } from "./picture_writer.ts";
import { PicturePreparer } from "./prepare_picture.ts";

export type { BuildOptions };

/** Photos worked on at a time. */
const IN_FLIGHT = 4;
/** Photos after which what was done is put on the disk for good. */
const FLUSH_EVERY = 32;
const JOURNAL = "build.journal";

/**
 * Builds a data set of folders and archives as they were downloaded (see layout.ts). It grows in a hidden folder beside `out`, which
 * takes its name when it is complete; a build that was stopped or killed goes on there when it is run again with the same options over
 * the same files. The same photos, options and seed give the same bytes. Unreadable photos, those smaller than `size` and
 * duplicates are left out and listed.
 * @throws {UserError} where `out` is taken, nothing can be used, or the build was aborted.
 */
export async function buildDataset(options: BuildOptions): Promise<DatasetDescription> {
  const { out, signal, onNote = () => {}, recipe } = options;
  if (recipe && recipe.scale !== 1) {
    throw new UserError(
      `Cannot build a data set by ${recipe.text}: both sides of a pair have the same size; train on the photos with that recipe`,
      { exitCode: 2 },
    );
  }
  const plan = await planBuild(options);
  const checksum = await planOf(plan);
  const built = await requireFree(out, checksum);
  if (built) {
    // There where a build was killed as its very last step began.
    await Deno.remove(`${out}/${JOURNAL}`).catch(() => {});
    onNote(`'${out}' is complete already: it was built by the same options of the same files`);
    return built;
  }
  // Where a link leads to an empty folder, the set comes to lie there, and the link stays.
  const place = await Deno.realPath(out).catch(() => resolve(out));
  const partial = `${dirname(place)}/.${basename(place).slice(0, 100)}.partial`;
  let done = 0;
  try {
    await Deno.mkdir(partial, { recursive: true });
    let description: DatasetDescription;
    {
      using journal = await BuildJournal.open(
        `${partial}/${JOURNAL}`,
        checksum,
        () => removeAllBut(JOURNAL, partial),
      );
      const tally = new BuildTally(plan.options.size, plan.options.keepDuplicates, plan.low !== "recipe");
      const progress = (count: number) => options.onProgress?.(done = count, plan.order.length);
      using writer = await goOn(partial, plan, journal, tally, onNote);
      await writeRest(plan, journal, tally, writer, { progress, signal });
      if (tally.used.length === 0) {
        throw new UserError(
          `None of the ${plan.order.length} photos can be used; the first: ${tally.skipped[0].reason}`,
        );
      }
      await writer.finish();
      description = describe(plan, tally, checksum);
    }
    await Deno.writeFile(`${partial}/${SHEET_FILE}`, await contactSheet(partial, description));
    await Deno.writeTextFile(`${partial}/${DATASET_FILE}`, JSON.stringify(description, null, 1) + "\n");
    signal?.throwIfAborted();
    await requireFree(out, checksum);
    await Deno.remove(place).catch(() => {}); // an empty folder would be in the way on Windows
    await Deno.rename(partial, place);
    await Deno.remove(`${place}/${JOURNAL}`);
    return description;
  } catch (error) {
    if (signal?.aborted) {
      throw new UserError(
        `The build of '${out}' was stopped after ${done} of ${plan.order.length} photos: the same command goes on from there`,
        { cause: error },
      );
    }
    // Nothing came of it, so that there is nothing to go on with.
    if (error instanceof UserError && /^None of/.test(error.message)) {
      await Deno.remove(partial, { recursive: true });
    }
    // What the system refuses (a disk that is full or read-only) names no set.
    if (!(error instanceof UserError) && typeof (error as { code?: unknown } | null)?.code === "string") {
      throw new UserError(`Cannot build '${out}': ${reasonOf(error, "folder")}`, { cause: error });
    }
    throw error;
  }
}

/** The description of the same set where `out` holds that already. @throws {UserError} where it holds anything else. */
async function requireFree(out: string, plan: string): Promise<DatasetDescription | undefined> {
  try {
    for await (const _ of Deno.readDir(out)) {
      const built = await isDataset(out) ? await readDescription(out).catch(() => undefined) : undefined;
      if (built?.plan === plan) return built;
      throw new UserError(`Cannot build into '${out}': it is not empty; remove it or choose another --out`, {
        exitCode: 2,
      });
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof UserError) throw error;
    if (error instanceof Deno.errors.NotADirectory) {
      throw new UserError(`Cannot build into '${out}': it is a file; choose another --out`, { exitCode: 2 });
    }
    throw new UserError(`Cannot build into '${out}': ${reasonOf(error)}`, { cause: error });
  }
}

async function removeAllBut(kept: string, dir: string): Promise<void> {
  for await (const { name } of Deno.readDir(dir)) {
    if (name !== kept) await Deno.remove(`${dir}/${name}`, { recursive: true });
  }
}

/** Opens the pictures' files and brings files, journal and tally to the same state, that of the last outcome which all know of. */
async function goOn(
  dir: string,
  { order, options: { format, size } }: BuildPlan,
  journal: BuildJournal,
  tally: BuildTally,
  onNote: (note: string) => void,
): Promise<PictureWriter> {
  const written = journal.outcomes.filter((outcome) => "mse" in outcome).length;
  const writer = await openPictureWriter(dir, format, size, written);
  let kept = 0;
  for (const outcome of journal.outcomes) {
    if ("mse" in outcome && tally.used.length === writer.count) break;
    tally.add(order[kept++], outcome);
  }
  await journal.truncate(kept);
  if (kept > 0) onNote(`Going on after ${kept} of ${order.length} photos`);
  return writer;
}

async function writeRest(
  { order, recipe, options: { size, fit, seed, limit } }: BuildPlan,
  journal: BuildJournal,
  tally: BuildTally,
  writer: PictureWriter,
  { progress, signal }: { progress: (done: number) => void; signal?: AbortSignal },
): Promise<void> {
  const preparer = new PicturePreparer(size, fit, recipe, seed);
  const prepare = (candidate: Candidate) =>
    preparer.prepare(candidate).catch((error) => {
      if (!(error instanceof UserError)) throw error;
      return { skip: error.message };
    });
  let pending: Outcome[] = [];
  const flush = async () => {
    await writer.sync();
    await journal.append(pending);
    pending = [];
  };
  let done = journal.outcomes.length;
  if (tally.used.length >= limit) return;
  try {
    for await (const [candidate, result] of inOrder(order.slice(done), IN_FLIGHT, prepare)) {
      signal?.throwIfAborted();
      const outcome = "skip" in result ? result : tally.judge(result);
      if ("mse" in outcome && "high" in result) await writer.write(result);
      tally.add(candidate, outcome);
      pending.push(outcome);
      if (pending.length >= FLUSH_EVERY) await flush();
      progress(++done);
      if (tally.used.length >= limit) break;
    }
  } finally {
    await flush();
  }
}
