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

/** An error's message on one line; spaces within a line stay as they are, because a file's name may have two in a row. */
export function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().replaceAll(/\s*[\r\n]+\s*/g, " ");
}

/** What the system's error codes mean to the person whose file it is. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than the disk allows",
  EISDIR: "it is a folder",
  EEXIST: "there is a file of that name",
  ENOTDIR: "a part of its path is no folder",
  ELOOP: "its symbolic links lead in a circle",
  ENAMETOOLONG: "its name is too long",
  EBUSY: "it is in use, perhaps by another program",
  EMFILE: "too many files are open",
  EPIPE: "whoever read the output has stopped reading",
  EIO: "the disk reports an error",
};

/** True where the disk, or the person's share of it, has no room left; also where that is only the cause of the error. */
export function isDiskFull(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (["ENOSPC", "EDQUOT"].includes((each as { code?: unknown }).code as string)) return true;
  }
  return false;
}

/**
 * Why a file or a folder could not be read or written, in a person's words where the system's error is a known one.
 * @param what which of the two was wanted.
 */
export function systemReason(error: unknown, what: "file" | "folder" = "file"): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === "ENOENT") return `there is no such ${what}`;
  return typeof code === "string" && Object.hasOwn(REASONS, code) ? REASONS[code] : oneLine(error);
}
