/**
 * Pictures that programs are held against each other on. A folder of them holds a folder a case, in it `original/`, `input/` and, for each
 * program that has run, `PROGRAM/`; a photo has the same name in all three.
 */
import { UserError } from "../../../src/base/errors.ts";
import { isFolder } from "./files.ts";

export interface Case {
  /** Name of its folder. */
  readonly name: string;
  /** Test set, as tools/scoreboard/sets.ts calls it. */
  readonly set: string;
  /** Damage. */
  readonly recipe: string;
  /** How many times smaller the input is. */
  readonly scale: 1 | 2;
  /** At most so many photos, the first by name. */
  readonly limit?: number;
}

const enlarge = (set: string, limit?: number): Case => ({
  ...{ name: `${set} x2`, set, recipe: "shrink:2", scale: 2, limit },
});
const restore = (set: string, recipe: string, limit?: number): Case => ({
  ...{ name: `${set} ${recipe.replace(":", " ")}`, set, recipe, scale: 1, limit },
});

export const CASES: readonly Case[] = [
  ...[enlarge("set5"), enlarge("set14"), enlarge("b100", 20)],
  ...["jpeg:20", "gaussian:10", "gaussian:25"].map((recipe) => restore("set14", recipe)),
  restore("b100", "jpeg:20", 20),
];

export const ORIGINAL = "original";
export const INPUT = "input";

/**
 * The cases whose pictures lie in a folder.
 * @throws {UserError} where there are none.
 */
export async function casesIn(folder: string): Promise<Case[]> {
  const there = await Promise.all(CASES.map(({ name }) => isFolder(`${folder}/${name}/${INPUT}`)));
  const cases = CASES.filter((_, i) => there[i]);
  if (cases.length === 0) {
    throw new UserError(
      `There are no pictures in '${folder}': make them with bench/peers/photos/make_cases.ts`,
    );
  }
  return cases;
}
