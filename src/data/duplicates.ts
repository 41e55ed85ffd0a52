/** Finds photos that are in a data set already, also where they were saved anew: as JPEG, or larger before the set's size was made. */

/** Cells of a print along a side. */
const CELLS = 16;
/** Two prints of one photo differ by less, on average, units of 1/255. Saving as JPEG of quality 75 changes them by some tenths. */
const TOLERANCE = 1.5;
/** Prints agree in one of so many parts of their signs, or they are not compared. */
const BANDS = 4;

/** Mean R, G and B of each of 16×16 cells: 768 bytes that tell one photo from another. */
export type Print = Uint8Array;

/** @param rgb size·size·3 samples; size 8 or more. */
export function printOf(rgb: Uint8Array, size: number): Print {
  const sums = new Float64Array(CELLS * CELLS * 3);
  const counts = new Float64Array(CELLS * CELLS);
  for (let y = 0, i = 0; y < size; y++) {
    const row = Math.floor(y * CELLS / size) * CELLS;
    for (let x = 0; x < size; x++, i += 3) {
      const cell = row + Math.floor(x * CELLS / size);
      counts[cell]++;
      for (let c = 0; c < 3; c++) sums[cell * 3 + c] += rgb[i + c];
    }
  }
  return Uint8Array.from(
    sums,
    (sum, i) => counts[Math.floor(i / 3)] && Math.round(sum / counts[Math.floor(i / 3)]),
  );
}

/** Prints by number; those alike are found without a comparison with every other. */
export class Prints {
  readonly #prints: { readonly print: Print; readonly number: number }[] = [];
  /** Prints by each band of their signs. */
  readonly #bands = Array.from({ length: BANDS }, () => new Map<number, number[]>());

  /** Number of the first print given that shows the same photo; undefined where there is none. */
  find(print: Print): number | undefined {
    const candidates = new Set(bandsOf(print).flatMap((band, i) => this.#bands[i].get(band) ?? []));
    const alike = [...candidates].filter((at) => difference(this.#prints[at].print, print) < TOLERANCE);
    return alike.length > 0 ? this.#prints[Math.min(...alike)].number : undefined;
  }

  add(print: Print, number: number): void {
    const at = this.#prints.push({ print, number }) - 1;
    bandsOf(print).forEach((band, i) => {
      const list = this.#bands[i].get(band);
      if (list) list.push(at);
      else this.#bands[i].set(band, [at]);
    });
  }
}

/** Signs of brightness differences between eight by eight pairs of neighbouring cells (a difference hash), 16 to a band. */
function bandsOf(print: Print): number[] {
  const light = (y: number, x: number) => {
    const at = (y * CELLS + x) * 3;
    return print[at] + 2 * print[at + 1] + print[at + 2];
  };
  return Array.from({ length: BANDS }, (_, band) => {
    let bits = 0;
    for (let k = 0; k < 16; k++) {
      const y = band * 4 + (k >> 3) * 2;
      const x = (k & 7) * 2;
      bits = bits << 1 | (light(y, x) < light(y, x + 1) ? 1 : 0);
    }
    return bits;
  });
}

function difference(a: Print, b: Print): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length;
}
