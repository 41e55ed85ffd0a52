/** Measures the cells of the scoreboard, and keeps what was measured so that a run can go on after it was stopped. */
import { crc32 } from "../../src/base/crc32.ts";
import { writeFileAtomically } from "../../src/base/write_file.ts";
import { recipePresets } from "../../src/degrade/recipe.ts";
import { evaluatePairs, isHarmed, meanOf, type Scores } from "../../src/evaluate/evaluate.ts";
import type { Restorer } from "../../src/evaluate/restorer.ts";
import type { Model } from "../../src/nn/model_file.ts";
import type { Column } from "./sections.ts";
import { openSet, type TestSet } from "./sets.ts";

/** What one method gave on one column. A PSNR of equal pictures is null, as JSON has no infinity. */
export interface Cell {
  readonly psnr: number | null;
  readonly psnrY: number | null;
  /** Photos that the decibels are the mean of: those that the recipe harmed. */
  readonly photos: number;
  /** Those of them that the method gave back exact, which the decibels leave out unless all are such. */
  readonly exact?: number;
  /** All photos measured. */
  readonly all: number;
  /** Sums over the photos of the mean signed change of R, G and B, 1/255. */
  readonly shiftSums: readonly [number, number, number];
  /** The largest change of a channel's mean that any photo has, 1/255. */
  readonly worstShift: number;
  readonly failures: number;
}

/** A row: a restorer, or undefined for the photos as they come in. */
export interface Method {
  readonly label: string;
  /** Says what exactly was measured: changes with the weights. */
  readonly key: string;
  readonly restorer?: Restorer;
}

/** Identifies a model's weights. */
export function fingerprint({ parameters }: Model): string {
  let crc = 0;
  for (const values of parameters.values()) {
    crc = crc32(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), crc);
  }
  return crc.toString(16).padStart(8, "0");
}

/** Cells by what they are of, in a file. */
export class CellStore {
  #cells: Record<string, Cell> = {};
  constructor(readonly path: string | undefined) {}

  static async open(path: string | undefined): Promise<CellStore> {
    const store = new CellStore(path);
    if (path !== undefined) {
      const text = await Deno.readTextFile(path).catch(() => "{}");
      store.#cells = JSON.parse(text);
    }
    return store;
  }

  get(key: string): Cell | undefined {
    return this.#cells[key];
  }

  async put(cells: Readonly<Record<string, Cell>>): Promise<void> {
    Object.assign(this.#cells, cells);
    if (this.path === undefined) return;
    await writeFileAtomically(this.path, new TextEncoder().encode(JSON.stringify(this.#cells, null, 1)));
  }
}

/**
 * The cells of a column, one a method; only those that the store lacks are measured. All see the same damage (seed 1).
 * @param limit photos at most, the first by name.
 */
export async function measureColumn(
  column: Column,
  set: TestSet,
  methods: readonly Method[],
  store: CellStore,
  limit: number,
): Promise<Cell[]> {
  // A preset's name would stand for what the preset was when it was measured.
  const damage = column.recipe === undefined ? "pairs" : recipePresets[column.recipe] ?? column.recipe;
  const keyOf = ({ key }: Method) => [key, set.name, damage, `limit ${limit}`].join(" | ");
  const missing = methods.filter((method) => {
    const cell = store.get(keyOf(method));
    // An earlier version had no decibels where a single photo had come back exact.
    return cell === undefined || (cell.psnr === null && cell.exact === undefined);
  });
  if (missing.length > 0) {
    const source = await openSet(set, column.recipe, 1);
    const restorers = missing.flatMap(({ restorer }) => restorer ? [restorer] : []);
    const { photos, failures } = await evaluatePairs(source, { restorers, limit });
    if (photos.length === 0) {
      throw new Error(`No photo of ${set.name} could be measured: ${failures[0]?.reason}`);
    }
    const mean = meanOf(photos);
    const found: Record<string, Cell> = {};
    let next = 0;
    for (const method of missing) {
      const index = method.restorer ? next++ : -1;
      const pick = <T>(of: { degraded: T; restored: readonly T[] }) =>
        index < 0 ? of.degraded : of.restored[index];
      const all: Scores[] = photos.map(pick);
      found[keyOf(method)] = {
        psnr: finite(pick(mean).psnr),
        psnrY: finite(pick(mean).psnrY),
        photos: photos.filter((photo) => isHarmed(photo)).length || photos.length,
        ...(pick(mean).exact !== undefined && { exact: pick(mean).exact }),
        all: photos.length,
        shiftSums: [0, 1, 2].map((c) => all.reduce((sum, { channelShift }) => sum + channelShift[c], 0)) as [
          number,
          number,
          number,
        ],
        worstShift: Math.max(...all.map(({ shift }) => shift)),
        failures: failures.length,
      };
    }
    await store.put(found);
  }
  return methods.map((method) => store.get(keyOf(method))!);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
