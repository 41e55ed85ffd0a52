/**
 * A mistake of the user (a bad file, option or request): its message is one line that says what to do.
 *
 * @example Tell a person's mistake from a fault of the program
 * ```ts
 * import { loadModel, UserError } from "@clairnet/clairnet";
 *
 * try {
 *   await loadModel("phtoo");
 * } catch (error) {
 *   if (!(error instanceof UserError)) throw error;
 *   console.log(error.message); // There is no model "phtoo"; shipped: photo; …
 * }
 * ```
 */
export class UserError extends Error {
  /** `UserError`, also where classes are renamed by a bundler. */
  override readonly name = "UserError";
  /** Takes the line to print; `exitCode` is 1 unless given. */
  constructor(
    message: string,
    options?: ErrorOptions & { /** 2: the call was wrong; 1: something failed. */ exitCode?: 1 | 2 },
  ) {
    super(message, options);
    this.exitCode = options?.exitCode ?? 1;
  }
  /** What a command line should exit with. */
  readonly exitCode: 1 | 2;
}

/** An error's message on one line. */
export function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").trim();
}
