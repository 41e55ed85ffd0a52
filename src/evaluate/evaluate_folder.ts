/** Evaluates restorers on photos in files. */
import { UserError } from "../base/errors.ts";
import { type EvaluateOptions, evaluatePairs, type Evaluation, meanOf } from "./evaluate.ts";
import { openPairs } from "./pairs.ts";

/**
 * Evaluates restorers on a folder of photos with a recipe, or on pairs (see {@link openPairs} for what `data` can be). The same data, recipe
 * and seed give the same figures. A photo that cannot be read is listed in `failures`, and the rest is still done.
 * @throws {UserError} where there is nothing to evaluate, or no photo could be.
 */
export async function evaluateFolder(
  options: EvaluateOptions & { readonly data: string; readonly recipe?: string; readonly seed?: number },
): Promise<Evaluation> {
  const { data, recipe, seed = 0, limit } = options;
  if (limit !== undefined && !(limit >= 1)) {
    throw new UserError(`Cannot evaluate ${limit} photos: the limit must be 1 or more`, { exitCode: 2 });
  }
  const source = await openPairs(data, recipe, seed);
  const { photos, failures } = await evaluatePairs(source, options);
  if (photos.length === 0) {
    throw new UserError(
      `None of the ${failures.length} photos in '${data}' could be evaluated; the first: ${
        failures[0].reason
      }`,
    );
  }
  const restorers = options.restorers.map(({ name }) => name);
  return { data, recipe: source.recipe, seed, restorers, photos, mean: meanOf(photos), failures };
}
