/** Which part of the photos a job of a cluster does, from the variables that its scheduler sets. */
import { UserError } from "../base/errors.ts";

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/**
 * Reads SLURM_ARRAY_TASK_ID with _COUNT, _MIN and _STEP (a Slurm array), or JOB_COMPLETION_INDEX with JOB_COMPLETION_COUNT (a Kubernetes Indexed Job,
 * which sets the first, from 0; the second is to be set in its manifest).
 *
 * @param read gives a variable's text; by default those of the process, as far as it may see them.
 * @returns the shard and the variable that says so; undefined outside of such a job.
 * @throws {UserError} (exit code 2) where the variables do not go together, because every job would then do all the photos.
 */
export function shardFromEnvironment(
  read: (name: string) => string | undefined = readVariable,
): { shard: Shard; variable: string } | undefined {
  const number = (name: string, text: string | undefined): number => {
    if (text !== undefined && /^\d+$/.test(text)) return Number(text);
    const has = text === undefined ? "is not set" : `is ${JSON.stringify(text)}`;
    throw new UserError(
      `Cannot tell which part of the photos to do: ${name} ${has}; set it to a whole number, or give --shard I/N (1/1 for all)`,
      { exitCode: 2 },
    );
  };
  const parts = (variable: string, id: string, first: number, step: number, counter: string) => {
    const count = number(counter, read(counter));
    const index = (number(variable, id) - first) / step + 1;
    if (!Number.isInteger(index) || index < 1 || index > count) {
      throw new UserError(
        `Cannot tell which part of the photos to do: ${variable} is ${id}, outside of ${counter} ${count}; give --shard I/N`,
        { exitCode: 2 },
      );
    }
    return { shard: { index, count }, variable };
  };
  const slurm = read("SLURM_ARRAY_TASK_ID");
  if (slurm !== undefined) {
    const minimum = number("SLURM_ARRAY_TASK_MIN", read("SLURM_ARRAY_TASK_MIN") ?? "0");
    const step = number("SLURM_ARRAY_TASK_STEP", read("SLURM_ARRAY_TASK_STEP") ?? "1") || 1;
    return parts("SLURM_ARRAY_TASK_ID", slurm, minimum, step, "SLURM_ARRAY_TASK_COUNT");
  }
  const kubernetes = read("JOB_COMPLETION_INDEX");
  if (kubernetes === undefined) return undefined;
  return parts("JOB_COMPLETION_INDEX", kubernetes, 0, 1, "JOB_COMPLETION_COUNT");
}

function readVariable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
