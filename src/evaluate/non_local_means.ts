/** Non-local means: the strongest classical filter against gaussian noise that is short enough to keep. */

/** Candidates lie in a square of ±10 pixels around each pixel. */
const SEARCH_RADIUS = 10;

/**
 * Non-local means, pixel by pixel (Buades, Coll and Morel 2005; settings for colour of their IPOL article of 2011): each pixel becomes the mean of
 * the pixels p + s of a 21×21 window, weighted by exp(−max(d² − 2·sigma², 0) / h²), where d² is the mean squared difference of the two
 * patches over RGB. Patches are 3×3 with h = 0.55·sigma up to sigma 25, 5×5 with h = 0.40·sigma above. The pixel itself gets
 * the largest weight of the others. Patches and windows are cut at the edges of the picture.
 * @param rgb height·width·3 samples; not changed.
 * @param sigma of the noise, units of 1/255.
 */
export function nonLocalMeans(rgb: Uint8Array, width: number, height: number, sigma: number): Uint8Array {
  if (sigma <= 0) return rgb.slice();
  const patchRadius = sigma <= 25 ? 1 : 2;
  const decay = 1 / ((sigma <= 25 ? 0.55 : 0.40) * sigma) ** 2;
  const expected = 2 * sigma ** 2;
  const count = width * height;
  const sums = new Float32Array(count * 3);
  const totals = new Float32Array(count);
  const largest = new Float32Array(count);
  const add = (to: number, from: number, weight: number) => {
    sums[to * 3] += weight * rgb[from * 3];
    sums[to * 3 + 1] += weight * rgb[from * 3 + 1];
    sums[to * 3 + 2] += weight * rgb[from * 3 + 2];
    totals[to] += weight;
    if (weight > largest[to]) largest[to] = weight;
  };
  // The weight of a pair holds both ways, so half of the shifts suffice.
  for (let dy = 0; dy <= Math.min(SEARCH_RADIUS, height - 1); dy++) {
    for (let dx = dy === 0 ? 1 : -SEARCH_RADIUS; dx <= SEARCH_RADIUS; dx++) {
      if (Math.abs(dx) >= width) continue;
      const region = overlap(width, height, dx, dy);
      const distances = patchDistances(rgb, width, region, dy * width + dx, patchRadius);
      let i = 0;
      for (let y = region.top; y < region.bottom; y++) {
        for (let x = region.left; x < region.right; x++) {
          const exponent = Math.max(distances[i++] - expected, 0) * decay;
          if (exponent > 12) continue; // a weight below 1e-5
          const p = y * width + x;
          const weight = Math.exp(-exponent);
          add(p, p + dy * width + dx, weight);
          add(p + dy * width + dx, p, weight);
        }
      }
    }
  }
  const result = new Uint8ClampedArray(rgb.length);
  for (let p = 0; p < count; p++) {
    // Where nothing is alike, the pixel stays.
    const own = largest[p] || 1;
    for (let channel = 0; channel < 3; channel++) {
      result[p * 3 + channel] = (sums[p * 3 + channel] + own * rgb[p * 3 + channel]) / (totals[p] + own);
    }
  }
  return new Uint8Array(result.buffer);
}

/** Pixels whose partner at the shift lies inside as well; right and bottom exclusive. */
interface Region {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function overlap(width: number, height: number, dx: number, dy: number): Region {
  return { left: Math.max(0, -dx), right: Math.min(width, width - dx), top: 0, bottom: height - dy };
}

/** For each pixel of the region the mean squared difference between its patch and the shifted one, cut at the region's edges. */
function patchDistances(
  rgb: Uint8Array,
  width: number,
  region: Region,
  shift: number,
  radius: number,
): Float32Array {
  const columns = region.right - region.left;
  const rows = region.bottom - region.top;
  const squares = new Float32Array(columns * rows);
  for (let y = 0, i = 0; y < rows; y++) {
    let at = ((region.top + y) * width + region.left) * 3;
    for (let x = 0; x < columns; x++, at += 3) {
      const r = rgb[at] - rgb[at + shift * 3];
      const g = rgb[at + 1] - rgb[at + 1 + shift * 3];
      const b = rgb[at + 2] - rgb[at + 2 + shift * 3];
      squares[i++] = (r * r + g * g + b * b) / 3;
    }
  }
  const across = new Float32Array(squares.length);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const first = Math.max(0, x - radius);
      const last = Math.min(columns - 1, x + radius);
      let sum = 0;
      for (let column = first; column <= last; column++) sum += squares[y * columns + column];
      across[y * columns + x] = sum / (last - first + 1);
    }
  }
  for (let y = 0; y < rows; y++) {
    const first = Math.max(0, y - radius);
    const last = Math.min(rows - 1, y + radius);
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let row = first; row <= last; row++) sum += across[row * columns + x];
      squares[y * columns + x] = sum / (last - first + 1);
    }
  }
  return squares;
}
