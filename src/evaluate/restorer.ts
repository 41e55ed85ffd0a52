/** What can be held against a network: classical filters by name. */
import { UserError } from "../base/errors.ts";
import { bilateral, estimateNoise, unsharpMask } from "./classical.ts";
import { switchingMean, switchingMedian } from "./impulses.ts";
import { median3x3 } from "./median.ts";
import { nonLocalMeans } from "./non_local_means.ts";

/** Turns interleaved 8-bit RGB (height·width·3 samples, sRGB-encoded) into a better picture, of the same size or `scale` times as large; its input stays as it is. */
export type Restore = (rgb: Uint8Array, width: number, height: number) => Uint8Array | Promise<Uint8Array>;

/** A way to restore photos, with the name that reports call it. */
export interface Restorer {
  readonly name: string;
  /** How many times larger each side of the result is; 1 if not given. */
  readonly scale?: number;
  readonly restore: Restore;
}

interface Filter {
  /** Its numbers, in order: name, default and limits. */
  readonly numbers: readonly {
    readonly name: string;
    readonly value?: number;
    readonly low: number;
    readonly high: number;
  }[];
  make(...numbers: number[]): Restore;
}

const FILTERS: Readonly<Record<string, Filter>> = {
  median: { numbers: [], make: () => median3x3 },
  unsharp: {
    numbers: [
      { name: "SIGMA", value: 1, low: 0.1, high: 20 },
      { name: "AMOUNT", value: 2, low: 0, high: 20 },
    ],
    make: (sigma, amount) => (rgb, width, height) => unsharpMask(rgb, width, height, sigma, amount),
  },
  "switching-median": { numbers: [], make: () => switchingMedian },
  "switching-mean": { numbers: [], make: () => switchingMean },
  bilateral: {
    // Without a number the noise is measured; twice its sigma is the usual range.
    numbers: [{ name: "RANGE", low: 0, high: 255 }],
    make: (range) => (rgb, width, height) =>
      bilateral(rgb, width, height, range ?? 2 * estimateNoise(rgb, width, height)),
  },
  nlm: {
    numbers: [{ name: "SIGMA", low: 0, high: 255 }],
    make: (sigma) => (rgb, width, height) =>
      nonLocalMeans(rgb, width, height, sigma ?? estimateNoise(rgb, width, height)),
  },
};

/**
 * Reads a list such as `median,switching-mean+unsharp:1:2,nlm`: filters parted by commas, each `NAME` or `NAME:NUMBER:…`; a `+` runs one
 * after the other. Numbers that are left out take their defaults; `nlm` and `bilateral` measure the noise of each photo.
 * @throws {UserError} naming what is wrong and what there is.
 */
export function parseRestorers(list: string): Restorer[] {
  return list.split(",").map((text) => {
    const name = text.trim();
    const steps = name.split("+").map((part) => parseFilter(part.trim(), list));
    return {
      name,
      restore: async (rgb, width, height) => {
        let result = rgb;
        for (const step of steps) result = await step(result, width, height);
        return result;
      },
    };
  });
}

function parseFilter(text: string, list: string): Restore {
  const [name, ...given] = text.split(":");
  if (!Object.hasOwn(FILTERS, name)) throw wrong(list, `there is no filter '${name}'`);
  const { numbers, make } = FILTERS[name];
  if (given.length > numbers.length) {
    throw wrong(list, `'${name}' takes ${numbers.length || "no"} numbers, not ${given.length}`);
  }
  const values = numbers.map(({ name: number, value, low, high }, i) => {
    if (given[i] === undefined) return value;
    const parsed = Number(given[i]);
    if (given[i].trim() === "" || !(parsed >= low && parsed <= high)) {
      throw wrong(list, `${number} of '${name}' must be a number from ${low} to ${high}, not '${given[i]}'`);
    }
    return parsed;
  });
  return make(...values as number[]);
}

function wrong(list: string, why: string): UserError {
  const known = Object.entries(FILTERS).map(([name, { numbers }]) =>
    name + numbers.map((number) => `[:${number.name}]`).join("")
  );
  return new UserError(
    `Cannot read the filters '${list}': ${why}; there are ${known.join(", ")}, and A+B runs A, then B`,
    {
      exitCode: 2,
    },
  );
}
