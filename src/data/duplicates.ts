/** Finds photos that are in a data set already, also where they were saved anew: as JPEG, or larger before the set's size was made. */

/** Cells of a print along a side. */
const CELLS = 16;
/**
 * Two prints of one photo differ by less, on average, units of 1/255: at 256 pixels a side, JPEG of quality 75 makes 0.4 of it and a
 * change of size 0.6. Where a photo has little contrast, so do the differences between it and others: then the
 * bound is this share of the print's standard deviation.
 */
const TOLERANCE = 1.5;
const TOLERANCE_OF_DEVIATION = 0.1;

/** Mean R, G and B of each of 16×16 cells: 768 bytes that tell one photo from another. */
export type Print = Uint8Array;

/** @param rgb size·size·3 samples; below 16 pixels a side, cells share pixels. */
export function printOf(rgb: Uint8Array, size: number): Print {
  const print = new Uint8Array(CELLS * CELLS * 3);
  const spans = Array.from({ length: CELLS }, (_, cell) => {
    const from = Math.floor(cell * size / CELLS);
    return { from, to: Math.max(Math.floor((cell + 1) * size / CELLS), from + 1) };
  });
  for (const [row, { from: top, to: bottom }] of spans.entries()) {
    for (const [column, { from: left, to: right }] of spans.entries()) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) sum += rgb[(y * size + x) * 3 + c];
        }
        print[(row * CELLS + column) * 3 + c] = Math.round(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return print;
}

/** Prints by number; those alike are found without a comparison with every other. */
export class Prints {
  /** Prints by their mean colour, rounded. */
  readonly #byColour = new Map<number, { readonly print: Print; readonly number: number }[]>();

  /** The lowest number of those prints that show the same photo; undefined where there is none. */
  find(print: Print): number | undefined {
    const bound = Math.min(TOLERANCE, TOLERANCE_OF_DEVIATION * deviationOf(print)) * print.length;
    const [r, g, b] = colourOf(print);
    let lowest: number | undefined;
    // A new encoding may move a mean over the edge to the next whole number.
    for (const red of [r - 1, r, r + 1]) {
      for (const green of [g - 1, g, g + 1]) {
        for (const blue of [b - 1, b, b + 1]) {
          for (const known of this.#byColour.get(keyOf(red, green, blue)) ?? []) {
            if (lowest !== undefined && known.number > lowest) continue;
            if (areWithin(known.print, print, bound)) lowest = known.number;
          }
        }
      }
    }
    return lowest;
  }

  add(print: Print, number: number): void {
    const key = keyOf(...colourOf(print));
    const list = this.#byColour.get(key);
    if (list) list.push({ print, number });
    else this.#byColour.set(key, [{ print, number }]);
  }
}

function keyOf(red: number, green: number, blue: number): number {
  return (red + 1) * 2 ** 20 + (green + 1) * 2 ** 10 + blue + 1;
}

function colourOf(print: Print): [number, number, number] {
  const sums = [0, 0, 0];
  print.forEach((value, i) => sums[i % 3] += value);
  return sums.map((sum) => Math.round(3 * sum / print.length)) as [number, number, number];
}

/** Standard deviation of the cells' values from their colour's mean. */
function deviationOf(print: Print): number {
  let squares = 0;
  for (let c = 0; c < 3; c++) {
    let sum = 0;
    for (let i = c; i < print.length; i += 3) sum += print[i];
    const mean = 3 * sum / print.length;
    for (let i = c; i < print.length; i += 3) squares += (print[i] - mean) ** 2;
  }
  return Math.sqrt(squares / print.length);
}

/** True where the absolute differences sum to the bound at most. */
function areWithin(a: Print, b: Print, bound: number): boolean {
  let sum = 0;
  for (let i = 0; i < a.length && sum <= bound; i++) sum += Math.abs(a[i] - b[i]);
  return sum <= bound;
}
