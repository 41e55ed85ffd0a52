/** Evaluates restorers on photos in files. */
import { UserError } from "../base/errors.ts";
import { type EvaluateOptions, evaluatePairs, type Evaluation, meanOf } from "./evaluate.ts";
import { openPairs, type PairSource } from "./pairs.ts";

/** What the photos are, for the report. */
interface DataNames {
  /** The folder or folders. */
  readonly data: string;
  readonly seed?: number;
}

/**
 * Evaluates restorers on a folder of photos with a recipe, or on pairs (see {@link openPairs} for what `data` can be). The same data, recipe
 * and seed give the same figures. A photo that cannot be read is listed in `failures`, and the rest is still done.
 * @throws {UserError} where there is nothing to evaluate, or no photo could be.
 */
export async function evaluateFolder(
  options: EvaluateOptions & DataNames & { readonly recipe?: string },
): Promise<Evaluation> {
  const { data, recipe, seed = 0 } = options;
  return await evaluateSource(await openPairs(data, recipe, seed), options);
}

/** The same for pairs that have been opened. */
export async function evaluateSource(
  source: PairSource,
  options: EvaluateOptions & DataNames,
): Promise<Evaluation> {
  const { data, seed = 0, limit } = options;
  if (limit !== undefined && !(limit >= 1)) {
    throw new UserError(`Cannot evaluate ${limit} photos: the limit must be 1 or more`, { exitCode: 2 });
  }
  const { photos, failures } = await evaluatePairs(source, options);
  if (photos.length === 0) {
    throw new UserError(
      `None of the ${failures.length} photos in '${data}' could be evaluated; the first: ${
        failures[0].reason
      }`,
    );
  }
  const restorers = options.restorers.map(({ name }) => name);
  const { recipe, skipped = [] } = source;
  return { data, recipe, seed, restorers, photos, mean: meanOf(photos), failures, skipped };
}
