/** A mistake of the user (a bad file, option or request): its message is one line that says what to do. */
export class UserError extends Error {
  override readonly name = "UserError";
  constructor(
    message: string,
    options?: ErrorOptions & { /** 2: the call was wrong; 1: something failed. */ exitCode?: 1 | 2 },
  ) {
    super(message, options);
    this.exitCode = options?.exitCode ?? 1;
  }
  readonly exitCode: 1 | 2;
}

/** An error's message on one line. */
export function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").trim();
}
