/** Pieces of SVG, as text. */
import { type Box, chance, colour, type Sheet } from "./sheet.ts";

export type Attributes = Readonly<Record<string, string | number>>;

/** A point, pixels. */
export type Point = readonly [number, number];

/** An element; numbers are cut to two decimals. */
export function element(name: string, attributes: Attributes, content = ""): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? +value.toFixed(2) : value}"`)
    .join("");
  return `<${name}${written}>${content}</${name}>`;
}

export function svgDocument({ width, height }: Sheet, content: string): string {
  return element(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` },
    content,
  );
}

export function rectangle({ x, y, w, h }: Box, attributes: Attributes): string {
  return element("rect", { x, y, width: Math.max(w, 0), height: Math.max(h, 0), ...attributes });
}

export function line([x1, y1]: Point, [x2, y2]: Point, attributes: Attributes): string {
  return element("line", { x1, y1, x2, y2, ...attributes });
}

/** A smooth curve through points (Catmull and Rom 1974, as cubic Bézier curves); closed, or from the first to the last. */
export function curve(points: readonly Point[], closed: boolean, attributes: Attributes): string {
  const count = points.length;
  const at = (i: number) => points[closed ? (i + count) % count : Math.min(Math.max(i, 0), count - 1)];
  const pair = ([x, y]: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const handle = ([x, y]: Point, [fromX, fromY]: Point, [toX, toY]: Point): Point => [
    x + (toX - fromX) / 6,
    y + (toY - fromY) / 6,
  ];
  const pieces = Array.from({ length: closed ? count : count - 1 }, (_, i) => {
    const [before, from, to, after] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    return `C${pair(handle(from, before, to))} ${pair(handle(to, after, from))} ${pair(to)}`;
  });
  return element("path", { d: `M${pair(points[0])}${pieces.join("")}${closed ? "Z" : ""}`, ...attributes });
}

/** How a surface is filled: `fill` for an attribute, `definition` to be put before it. */
export interface Fill {
  readonly fill: string;
  readonly definition: string;
}

let names = 0;

/** One colour, or a ramp between two. */
export function fill({ random }: Sheet, ramp = 0.35): Fill {
  if (!chance(random, ramp)) return { fill: colour(random), definition: "" };
  const id = `g${names++}`;
  const stops = element("stop", { offset: 0, "stop-color": colour(random) }) +
    element("stop", { offset: 1, "stop-color": colour(random) });
  const turn = `rotate(${random.between(0, 360).toFixed(0)} 0.5 0.5)`;
  return {
    fill: `url(#${id})`,
    definition: element("linearGradient", { id, gradientTransform: turn }, stops),
  };
}

/** A surface of dots or strokes over nothing, as screens and hatching are printed. */
export function hatching({ random }: Sheet): Fill {
  const id = `h${names++}`;
  const step = random.between(2.5, 14);
  const tint = colour(random);
  const marks = chance(random, 0.5)
    ? element("circle", { cx: step / 2, cy: step / 2, r: step * random.between(0.15, 0.45), fill: tint })
    : rectangle({ x: 0, y: 0, w: step, h: step * random.between(0.15, 0.6) }, { fill: tint });
  const turn = `rotate(${random.between(0, 180).toFixed(0)})`;
  return {
    fill: `url(#${id})`,
    definition: element(
      "pattern",
      { id, width: step, height: step, patternUnits: "userSpaceOnUse", patternTransform: turn },
      marks,
    ),
  };
}
