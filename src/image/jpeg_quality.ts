/** How strongly a JPEG file was compressed, by its quantisation tables. */
import { jpegSegments } from "./jpeg_segments.ts";

/** A JPEG of less has blocks that one sees; the model `jpeg` takes away twice as much of them as those for all kinds of damage. */
export const STRONGLY_COMPRESSED = 50;

const DQT = 0xffdb;

/** Steps for luma that T.81 gives as an example (annex K, table K.1), which libjpeg scales; in zigzag order, as files have them. */
const EXAMPLE = [
  ...[
    16,
    11,
    12,
    14,
    12,
    10,
    16,
    14,
    13,
    14,
    18,
    17,
    16,
    19,
    24,
    40,
    26,
    24,
    22,
    22,
    24,
    49,
    35,
    37,
    29,
    40,
    58,
    51,
    61,
    60,
    57,
    51,
  ],
  ...[
    56,
    55,
    64,
    72,
    92,
    78,
    64,
    68,
    87,
    69,
    55,
    56,
    80,
    109,
    81,
    87,
    95,
    98,
    103,
    104,
    103,
    62,
    77,
    113,
    121,
    112,
    100,
    120,
    92,
  ],
  ...[101, 103, 99],
];

/** The largest step of a byte, at which libjpeg stops. */
const LARGEST = 255;

/**
 * About which quality of libjpeg, 1..100, has steps as large for luma as the file's: for files that libjpeg wrote the one they were saved at, give or take one; other programs have
 * scales of their own. Undefined where the file has no such table.
 */
export function jpegQuality(file: Uint8Array): number | undefined {
  for (const { marker, data } of jpegSegments(file)) {
    if (marker !== DQT) continue;
    // A segment may hold several tables: a byte with precision and number, then 64 steps of one or two bytes.
    for (let at = 0; at < data.length;) {
      const [wide, table] = [data[at] >> 4 !== 0, data[at] & 15];
      const end = at + 1 + (wide ? 128 : 64);
      if (end > data.length) break;
      if (table === 0) return qualityOf(stepsOf(data.subarray(at + 1, end), wide));
      at = end;
    }
  }
  return undefined;
}

function stepsOf(bytes: Uint8Array, wide: boolean): number[] {
  if (!wide) return [...bytes];
  return Array.from({ length: 64 }, (_, i) => 256 * bytes[2 * i] + bytes[2 * i + 1]);
}

/** libjpeg scales the example by 5000/q % below 50, and by 200 − 2q % from there on. */
function qualityOf(steps: readonly number[]): number {
  const scaled = steps.map((step, i) => ({ step, example: EXAMPLE[i] })).filter(({ step }) => step < LARGEST);
  if (scaled.length === 0) return 1;
  const total = (of: "step" | "example") => scaled.reduce((sum, each) => sum + each[of], 0);
  const percent = 100 * total("step") / total("example");
  const quality = percent > 100 ? 5000 / percent : (200 - percent) / 2;
  return Math.min(Math.max(Math.round(quality), 1), 100);
}
