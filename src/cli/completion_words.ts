/** What completion scripts are made of. */

/** What one command takes. */
export interface CommandWords {
  /** Words that call it, without the program's name; empty for the program itself. */
  readonly path: string;
  readonly description: string;
  /** Commands below it: name and description. */
  readonly commands: readonly (readonly [string, string])[];
  readonly options: readonly OptionWords[];
  /** Values of its argument where these are known; undefined where it takes files or nothing. */
  readonly values?: readonly string[];
}

export interface OptionWords {
  /** `-o`, `--output`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** The value may be left out. */
  readonly optional: boolean;
  /** Values that are known, if any. */
  readonly values: readonly string[];
  /** Files are values too. */
  readonly files: boolean;
}
