/** Reads option values; each throws a line that names the option and what it takes. */
import { systemReason, UserError } from "../base/errors.ts";
import { SCALES, type TopologyOptions, type UNetTopology, unetTopology } from "../nn/topology.ts";

/** Steps of a training where neither --steps nor --epochs is given. */
export const DEFAULT_STEPS = 10_000;

/** A parser of whole numbers from `low` to `high`. */
export function wholeNumber(option: string, low: number, high = 1e9): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || text.trim() === "" || value < low || value > high) {
      throw new UserError(`${option} must be a whole number from ${low} to ${high}, got ${text}`, {
        exitCode: 2,
      });
    }
    return value;
  };
}

/** A parser of numbers from `low` to `high`. */
export function numberBetween(option: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= low && value <= high)) {
      throw new UserError(`${option} must be a number from ${low} to ${high}, got ${text}`, { exitCode: 2 });
    }
    return value;
  };
}

/** A parser of numbers above 0, up to `high`. */
export function positiveNumber(option: string, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(value > 0 && value <= high)) {
      throw new UserError(`${option} must be a number above 0, at most ${high}, got ${text}`, {
        exitCode: 2,
      });
    }
    return value;
  };
}

/** `auto` or the side of a tile. */
export function tileSize(text: string): number | "auto" {
  return text === "auto" ? text : wholeNumber("--tile", 1, 16384)(text);
}

/** A folder's path without slashes at its end, so that paths made from it have one between their parts; that of a drive (`C:\`) keeps its own. */
export function folderPath(text: string): string {
  return text.replace(/(?<=[^:\\/])[\\/]+$/, "");
}

/** 1, 2 or 4. */
export function enlargement(text: string): number {
  if (!SCALES.includes(Number(text))) {
    throw new UserError(`--scale must be one of ${SCALES.join(", ")}, got ${text}`, { exitCode: 2 });
  }
  return Number(text);
}

/** `2/5`: the second of five parts. */
export function shard(text: string): { index: number; count: number } {
  const match = text.match(/^(\d+)\/(\d+)$/);
  const [index, count] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (index < 1 || index > count) {
    throw new UserError(`--shard must be I/N with I from 1 to N, got ${text}`, { exitCode: 2 });
  }
  return { index, count };
}

/** Names in a file, one a line. @throws {UserError} where it cannot be read or has none. */
export async function readNames(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(path).catch((error) => {
    throw new UserError(`Cannot read the list ${path}: ${systemReason(error)}`, { cause: error });
  });
  const names = text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (names.length === 0) {
    throw new UserError(`The list ${path} names nothing: write one photo a line into it`);
  }
  // The program's own names of photos have slashes on every system.
  return Deno.build.os === "windows" ? names.map((name) => name.replaceAll("\\", "/")) : names;
}

/** Reads `base=16,depth=3,widths=16/32/64,activation=relu,residual=true`, and completes it. */
export function modelConfig(text: string): UNetTopology {
  const options = topologyOptions(text);
  try {
    return unetTopology(options);
  } catch (error) {
    throw wrongConfig(error instanceof Error ? error.message : String(error));
  }
}

/** Reads the same as it stands. */
export function topologyOptions(text: string): TopologyOptions {
  const options: Record<string, unknown> = {};
  for (const part of text.split(",").map((item) => item.trim()).filter(Boolean)) {
    const [key, value, extra] = part.split("=").map((item) => item.trim());
    if (!value || extra !== undefined) throw wrongConfig(`'${part}' is not KEY=VALUE`);
    if (["base", "depth", "blocks", "unshuffle", "scale"].includes(key)) {
      options[key] = wholeNumber(`--model-config ${key}`, 0)(value);
    } else if (["widths", "encoderBlocks", "decoderBlocks"].includes(key)) {
      options[key] = value.split("/").map(wholeNumber(`--model-config ${key}`, 1));
    } else if (["activation", "down", "up", "corrects"].includes(key)) options[key] = value;
    else if (["residual", "residualBlocks", "filled"].includes(key) && /^(true|false)$/.test(value)) {
      options[key] = value === "true";
    } else throw wrongConfig(`'${part}' is not known`);
  }
  return options;
}

function wrongConfig(why: string): UserError {
  return new UserError(
    `Cannot read --model-config: ${why}; keys are base, depth, blocks, widths, encoderBlocks, decoderBlocks (lists parted by /), ` +
      `activation (none, relu, leaky-relu), down (max-pool, stride), up (nearest, bilinear), residual, residualBlocks, filled (true, false), corrects (all, extremes, holes), unshuffle (1, 2, 4), scale (1, 2, 4)`,
    { exitCode: 2 },
  );
}
