/** The median filter, per channel. */

/**
 * Median over 3×3 windows of each channel (Tukey 1971); pixels past an edge are taken equal to the edge's.
 * @param rgb height·width·3 samples; not changed.
 */
export function median3x3(rgb: Uint8Array, width: number, height: number): Uint8Array {
  const result = new Uint8Array(rgb.length);
  const window = new Uint8Array(9);
  for (let y = 0; y < height; y++) {
    const rows = [Math.max(0, y - 1), y, Math.min(height - 1, y + 1)];
    for (let x = 0; x < width; x++) {
      const columns = [Math.max(0, x - 1), x, Math.min(width - 1, x + 1)];
      for (let channel = 0; channel < 3; channel++) {
        let count = 0;
        for (const row of rows) {
          for (const column of columns) window[count++] = rgb[(row * width + column) * 3 + channel];
        }
        result[(y * width + x) * 3 + channel] = medianOf(window);
      }
    }
  }
  return result;
}

/** Middle of the values, which are sorted on the way; of an even number the mean of the two middle ones, rounded. At least one value. */
export function medianOf(values: Uint8Array): number {
  // Insertion sort: windows are small.
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    let j = i - 1;
    for (; j >= 0 && values[j] > value; j--) values[j + 1] = values[j];
    values[j + 1] = value;
  }
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle] : Math.round((values[middle - 1] + values[middle]) / 2);
}
