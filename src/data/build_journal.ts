/** What a build has done so far, kept beside its unfinished files, so that a later run can go on from there. */
import { UserError } from "../base/errors.ts";

/** What became of one candidate, in the candidates' order. */
export type Outcome =
  | { /** Why it was left out. */ readonly skip: string }
  | { /** Number of the picture that it is the same as. */ readonly same: number }
  | {
    /** Mean squared error of the low side, units of 1/255 squared. */
    readonly mse: number;
    /** Width and height of the original. */
    readonly size: readonly [number, number];
    /** True where the original's file holds a single channel. */
    readonly grey: boolean;
    /** Print of the high side (see duplicates.ts), base 64. */
    readonly print: string;
    /** Checksum of the low side. */
    readonly low: number;
    /** Number of the first picture with the same high side, where that is another. */
    readonly group?: number;
  };

/**
 * A journal is a file of lines: the plan's checksum, then an outcome each. A line that a crash has cut is dropped, with all after
 * it. The file is locked while a build runs; the lock goes with the process, however that ends.
 */
export class BuildJournal implements Disposable {
  readonly #file: Deno.FsFile;
  /** Byte after the plan, then after each outcome. */
  readonly #ends: number[] = [];
  /** Outcomes that an earlier run has left. */
  readonly outcomes: Outcome[] = [];

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Opens a journal or begins one.
   * @param plan checksum of all that decides what is built; what was done by another plan is of no use, and `outcomes` is empty then.
   * @param forget removes what another plan has made, of which the journal speaks until then.
   * @throws {UserError} where another build is at it.
   */
  static async open(path: string, plan: string, forget = async () => {}): Promise<BuildJournal> {
    const file = await Deno.open(path, { read: true, write: true, create: true });
    const journal = new BuildJournal(file);
    try {
      if (!await file.tryLock(true)) {
        throw new UserError("Cannot build: another build of the same data set is running");
      }
      const text = await Deno.readTextFile(path);
      const lines = text.split("\n");
      lines.pop(); // the empty text after the last line's end, or a line that was cut
      if (lines.shift() === plan) journal.#take(plan, lines);
      else {
        if (text !== "") await forget();
        await file.truncate(0);
        await journal.#write(`${plan}\n`);
        journal.#ends.push(plan.length + 1);
      }
      await journal.truncate(journal.outcomes.length);
      return journal;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  #take(plan: string, lines: readonly string[]): void {
    let end = plan.length + 1;
    this.#ends.push(end);
    for (const line of lines) {
      const outcome = parse(line);
      if (!outcome) break;
      this.outcomes.push(outcome);
      this.#ends.push(end += new TextEncoder().encode(line).length + 1);
    }
  }

  /** Forgets all outcomes from the given number on. */
  async truncate(count: number): Promise<void> {
    this.outcomes.length = count;
    this.#ends.length = count + 1;
    await this.#file.truncate(this.#ends[count]);
    await this.#file.seek(this.#ends[count], Deno.SeekMode.Start);
  }

  /** Appends outcomes and flushes them; what they speak of must be on the disk before. */
  async append(outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length > 0) {
      await this.#write(outcomes.map((outcome) => `${JSON.stringify(outcome)}\n`).join(""));
    }
  }

  async #write(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let done = 0; done < bytes.length;) done += await this.#file.write(bytes.subarray(done));
    await this.#file.syncData();
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function parse(line: string): Outcome | undefined {
  try {
    const outcome = JSON.parse(line);
    const known = typeof outcome?.skip === "string" || typeof outcome?.same === "number" ||
      (typeof outcome?.mse === "number" && typeof outcome.print === "string" &&
        typeof outcome.low === "number" && typeof outcome.grey === "boolean");
    return known ? outcome : undefined;
  } catch {
    return undefined;
  }
}
