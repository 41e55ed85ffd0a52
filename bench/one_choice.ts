/** A table of choices, as a tuner makes them, that has the same version of the kernels for every layer. */
export class OneChoice extends Map<string, string> {
  constructor(readonly variant: string) {
    super([["every layer", variant]]);
  }

  override get(): string {
    return this.variant;
  }
}
