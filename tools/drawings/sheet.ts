/** What a drawing is made on, and the choices that all kinds of drawings make. */
import type { Random } from "../../src/base/random.ts";

export interface Sheet {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly random: Random;
  /** Font families to choose from. */
  readonly fonts: readonly string[];
}

/** A rectangle of a sheet, pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export function oneOf<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)];
}

export function chance(random: Random, share: number): boolean {
  return random.uniform() < share;
}

/** Any colour, as CSS writes it; the strong ones, whose chroma JPEG smears, are as frequent as all others. */
export function colour(random: Random): string {
  const saturation = chance(random, 0.5) ? random.between(70, 100) : random.between(0, 70);
  return hsl(random.between(0, 360), saturation, random.between(10, 92));
}

/** A colour to write with on paper: near black, or strong and dark. */
export function ink(random: Random): string {
  return chance(random, 0.5)
    ? hsl(0, 0, random.between(0, 25))
    : hsl(random.between(0, 360), random.between(50, 100), random.between(15, 45));
}

/** A colour to write on: near white, or pale. */
export function paper(random: Random): string {
  return chance(random, 0.5)
    ? hsl(0, 0, random.between(92, 100))
    : hsl(random.between(0, 360), random.between(10, 80), random.between(85, 96));
}

function hsl(hue: number, saturation: number, lightness: number): string {
  return `hsl(${hue.toFixed(0)},${saturation.toFixed(0)}%,${lightness.toFixed(0)}%)`;
}

/** Cuts a box into rows and columns of random sizes with a gap between them. */
export function cells(random: Random, box: Box, columns: number, rows: number, gap: number): Box[] {
  const cuts = (start: number, length: number, count: number) => {
    const shares = Array.from({ length: count }, () => random.between(0.6, 1.4));
    const sum = shares.reduce((a, b) => a + b, 0);
    let at = start;
    return shares.map((share) => {
      const size = length * share / sum;
      const cut = { at, size: size - gap };
      at += size;
      return cut;
    });
  };
  const across = cuts(box.x, box.w, columns);
  return cuts(box.y, box.h, rows).flatMap((row) =>
    across.map((column) => ({ x: column.at, y: row.at, w: column.size, h: row.size }))
  );
}
