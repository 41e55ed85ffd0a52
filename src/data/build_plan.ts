/** What a build is asked for, and what is settled before its work begins. */
import { Random } from "../base/random.ts";
import { type Candidate, type CandidateOptions, type Candidates, findCandidates } from "./candidates.ts";
import type { DatasetFormat } from "./dataset_file.ts";
import type { Fit } from "./decode.ts";

export interface BuildOptions extends CandidateOptions {
  /** Folder to make; it must not exist, be empty, or hold the same data set already. */
  readonly out: string;
  /** Side of the square pictures in pixels. 256 by default. */
  readonly size?: number;
  /** `resize` reduces a photo and cuts off the longer side's ends, `crop` cuts out its middle. `resize` by default. */
  readonly fit?: Fit;
  readonly seed: number;
  /** `npy` (two files) or `png` (two folders). `npy` by default. */
  readonly format?: DatasetFormat;
  /** At most so many photos, drawn by the seed; all by default. */
  readonly limit?: number;
  /** Share of the photos marked as held out. 0.05 by default, as in training. */
  readonly heldOut?: number;
  /** Take photos in that are in already. False by default. */
  readonly keepDuplicates?: boolean;
  /** Called after each photo: photos done, and to do. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Receives a line where the build does not begin at the beginning. */
  readonly onNote?: (note: string) => void;
  /** Aborted: what was done is kept for the next run. */
  readonly signal?: AbortSignal;
}

/** What was settled before the work begins. */
export interface BuildPlan extends Candidates {
  readonly options:
    & Required<Pick<BuildOptions, "size" | "fit" | "seed" | "format" | "heldOut" | "keepDuplicates">>
    & {
      readonly from: readonly string[];
      readonly limit: number;
    };
  /** Candidates in the order in which they are tried. */
  readonly order: readonly Candidate[];
}

/** Finds what there is to use, and the order to try it in. @throws {UserError} where there is nothing. */
export async function planBuild(options: BuildOptions): Promise<BuildPlan> {
  const { size = 256, fit = "resize", seed, format = "npy", heldOut = 0.05, limit = Infinity } = options;
  const from = [...new Set(options.from)];
  const found = await findCandidates({ ...options, from });
  return {
    ...found,
    options: {
      from,
      size,
      fit,
      seed,
      format,
      heldOut,
      limit,
      keepDuplicates: options.keepDuplicates ?? false,
    },
    // A limited set shall be a fair sample, not the first names of the alphabet.
    order: limit === Infinity ? found.candidates : new Random(seed).shuffled(found.candidates),
  };
}

/** Checksum (SHA-256) of the options and of the names, sizes and times of all files: of all that decides what is built. */
export async function planOf({ options, low, recipe, order }: BuildPlan): Promise<string> {
  const files = order.flatMap((candidate) =>
    [candidate.high, candidate.low].map((file) => file && [file.name, file.bytes, file.modified])
  );
  const text = JSON.stringify([2, options, low, recipe.text, files]);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toHex();
}
