/** Charts, tables and plans: thin lines, small labels, bars, curves, boxes with arrows. */
import { type Box, cells, chance, colour, ink, oneOf, paper, type Sheet } from "./sheet.ts";
import { type Attributes, curve, element, line, type Point, rectangle } from "./svg.ts";
import { text, typeface, word, words } from "./words.ts";

export function diagram(sheet: Sheet): string {
  const { width, height, random } = sheet;
  const whole: Box = { x: 0, y: 0, w: width, h: height };
  const inside = { x: 24, y: 24, w: width - 24, h: height - 24 };
  const parts = cells(random, inside, 1 + random.below(3), 1 + random.below(2), 24);
  const ground = chance(random, 0.8) ? paper(random) : colour(random);
  const drawn = parts.map((box) => oneOf(random, [chart, chart, table, plan])(sheet, box));
  return rectangle(whole, { fill: ground }) + drawn.join("");
}

/** Grid, axes, labels, and bars, lines or dots. */
function chart(sheet: Sheet, { x, y, w, h }: Box): string {
  const { random } = sheet;
  const label: Attributes = { ...typeface(sheet), fill: ink(random) };
  const size = random.between(8, 14);
  const [left, bottom] = [x + 3 * size, y + h - 2 * size];
  const across = x + w - left;
  const up = bottom - y;
  const grid = { stroke: colour(random), "stroke-width": random.between(0.4, 1.2) };
  const lines = Array.from({ length: 4 + random.below(6) }, (_, i, { length } = { length: 9 }) => {
    const at = bottom - up * i / length;
    return line([left, at], [left + across, at], grid) + text([x, at + size / 3], size, word(random), label);
  });
  const axes =
    line([left, y], [left, bottom], { stroke: ink(random), "stroke-width": random.between(0.8, 2.5) }) +
    line([left, bottom], [left + across, bottom], { stroke: ink(random), "stroke-width": 1.5 });
  const count = 4 + random.below(20);
  const series = Array.from({ length: 1 + random.below(3) }, () => {
    const points = Array.from({ length: count }, (_, i): Point => [
      left + across * (i + 0.5) / count,
      bottom - up * random.uniform(),
    ]);
    return oneOf(random, [bars, trace, dots])(sheet, points, bottom, across / count);
  });
  const ticks = Array.from(
    { length: Math.min(count, 8) },
    (_, i) => text([left + across * i / Math.min(count, 8), bottom + 1.4 * size], size, word(random), label),
  );
  const title = text([left, y + size * 1.5], size * 1.5, words(random, 3), label);
  return lines.join("") + series.join("") + axes + ticks.join("") + title;
}

function bars({ random }: Sheet, points: readonly Point[], bottom: number, apart: number): string {
  const style = { fill: colour(random), stroke: ink(random), "stroke-width": chance(random, 0.5) ? 1 : 0 };
  const w = apart * random.between(0.3, 0.9);
  return points.map(([x, y]) => rectangle({ x: x - w / 2, y, w, h: bottom - y }, style)).join("");
}

function trace({ random }: Sheet, points: readonly Point[]): string {
  const style = { fill: "none", stroke: colour(random), "stroke-width": random.between(0.8, 4) };
  if (chance(random, 0.5)) return curve(points, false, style);
  return element("polyline", { points: points.map((point) => point.join()).join(" "), ...style });
}

function dots({ random }: Sheet, points: readonly Point[]): string {
  const style = { r: random.between(1.5, 7), fill: colour(random) };
  return points.map(([cx, cy]) => element("circle", { cx, cy, ...style })).join("");
}

function table(sheet: Sheet, box: Box): string {
  const { random } = sheet;
  const size = random.between(8, 16);
  const [columns, rows] = [
    2 + random.below(5),
    Math.max(2, Math.floor(box.h / (size * random.between(1.6, 2.4)))),
  ];
  const label = { ...typeface(sheet), fill: ink(random) };
  const frame = { stroke: ink(random), "stroke-width": random.between(0.4, 1.5) };
  const [pale, head] = [paper(random), colour(random)];
  const [w, h] = [box.w / columns, box.h / rows];
  const parts = Array.from({ length: columns * rows }, (_, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const cell = { x: box.x + column * w, y: box.y + row * h, w, h };
    const ground = row === 0 ? head : row % 2 === 0 ? pale : "none";
    return rectangle(cell, { fill: ground, ...frame }) +
      text(
        [cell.x + 4, cell.y + h * 0.65],
        size,
        words(random, Math.max(1, Math.floor(w / (size * 4)))),
        label,
      );
  });
  return parts.join("");
}

/** Boxes and arrows, or a street map: what thin lines at any angle look like. */
function plan(sheet: Sheet, box: Box): string {
  const { random } = sheet;
  const anywhere = (): Point => [box.x + box.w * random.uniform(), box.y + box.h * random.uniform()];
  const roads = Array.from({ length: 6 + random.below(20) }, () => {
    const points = Array.from({ length: 2 + random.below(4) }, anywhere);
    const wide = random.between(0.6, 9);
    const style = { fill: "none", stroke: colour(random), "stroke-width": wide };
    const edge = { fill: "none", stroke: ink(random), "stroke-width": wide + 2 };
    return (chance(random, 0.4) ? curve(points, false, edge) : "") + curve(points, false, style);
  });
  const label = { ...typeface(sheet), fill: ink(random) };
  const places = Array.from({ length: 4 + random.below(12) }, () => {
    const [x, y] = anywhere();
    const around = { x: x - 6, y: y - 16, w: random.between(40, 120), h: 24 };
    const frame = chance(random, 0.5)
      ? rectangle(around, { fill: paper(random), stroke: ink(random), rx: random.between(0, 10) })
      : "";
    return frame + text([x, y], random.between(8, 18), words(random, 1 + random.below(2)), label);
  });
  return roads.join("") + places.join("");
}
