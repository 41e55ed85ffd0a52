/** Drawn pictures: outlined shapes in flat colours, ramps, hatching and screens, hair and rays, speech balloons. */
import { type Box, cells, chance, colour, ink, oneOf, type Sheet } from "./sheet.ts";
import { type Attributes, curve, element, fill, hatching, type Point, rectangle } from "./svg.ts";
import { paragraph, typeface } from "./words.ts";

export function comic(sheet: Sheet): string {
  const { width, height, random } = sheet;
  const whole: Box = { x: 0, y: 0, w: width, h: height };
  const gutter = random.between(4, 14);
  const inside = { x: gutter, y: gutter, w: width - gutter, h: height - gutter };
  const panels = chance(random, 0.4)
    ? [whole]
    : cells(random, inside, 1 + random.below(3), 1 + random.below(3), gutter);
  return rectangle(whole, { fill: "white" }) + panels.map((box, i) => panel(sheet, box, `p${i}`)).join("");
}

function panel(sheet: Sheet, box: Box, id: string): string {
  const { random } = sheet;
  const ground = fill(sheet, 0.6);
  const pen = { stroke: ink(random), width: random.between(0.8, 4.5) };
  const shapes = Array.from({ length: 10 + random.below(30) }, () => shape(sheet, box, pen));
  const strokes = Array.from({ length: random.below(6) }, () => hair(sheet, box, pen.stroke));
  const balloons = Array.from({ length: random.below(3) }, () => balloon(sheet, box, pen));
  const clip = element("clipPath", { id }, rectangle(box, {}));
  const drawn = rectangle(box, { fill: ground.fill }) + shapes.join("") + strokes.join("") +
    balloons.join("");
  const frame = rectangle(box, { fill: "none", stroke: pen.stroke, "stroke-width": random.between(0, 5) });
  return ground.definition + clip + element("g", { "clip-path": `url(#${id})` }, drawn) + frame;
}

interface Pen {
  readonly stroke: string;
  readonly width: number;
}

/** A place in a box, or somewhat outside of it. */
function place(sheet: Sheet, { x, y, w, h }: Box): Point {
  return [x + w * sheet.random.between(-0.1, 1.1), y + h * sheet.random.between(-0.1, 1.1)];
}

/** Points around a centre: a round, a cornered or a starred outline. */
function outline(sheet: Sheet, [x, y]: Point, radius: number): Point[] {
  const { random } = sheet;
  const count = 4 + random.below(9);
  const wild = random.between(0.05, 0.6);
  const squeeze = random.between(0.4, 1.6);
  const start = random.between(0, 2 * Math.PI);
  return Array.from({ length: count }, (_, i) => {
    const angle = start + 2 * Math.PI * i / count;
    const reach = radius * (1 + wild * random.between(-1, 1));
    return [x + reach * Math.cos(angle), y + reach * squeeze * Math.sin(angle)];
  });
}

function shape(sheet: Sheet, box: Box, pen: Pen): string {
  const { random } = sheet;
  const radius = Math.min(box.w, box.h) * Math.exp(random.between(Math.log(0.015), Math.log(0.5)));
  const points = outline(sheet, place(sheet, box), radius);
  const surface = fill(sheet);
  const drawn: Attributes = chance(random, 0.75)
    ? { stroke: pen.stroke, "stroke-width": pen.width * random.between(0.5, 1.3), "stroke-linejoin": "round" }
    : {};
  const draw = (attributes: Attributes) =>
    chance(random, 0.8) ? curve(points, true, attributes) : element("polygon", {
      points: points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "),
      ...attributes,
    });
  const base = surface.definition + draw({ fill: surface.fill, ...drawn });
  if (!chance(random, 0.3)) return base;
  const marks = hatching(sheet);
  return base + marks.definition + curve(points, true, { fill: marks.fill });
}

/** A bundle of strokes that run beside each other: hair, grass, rays. */
function hair(sheet: Sheet, box: Box, stroke: string): string {
  const { random } = sheet;
  const [x, y] = place(sheet, box);
  const angle = random.between(0, 2 * Math.PI);
  const bend = random.between(-1, 1);
  const length = Math.min(box.w, box.h) * random.between(0.1, 0.6);
  const width = random.between(0.5, 2.5);
  const apart = width * random.between(1.5, 5);
  const tint = chance(random, 0.6) ? stroke : colour(random);
  return Array.from({ length: 8 + random.below(40) }, (_, i) => {
    const side = apart * i + random.between(-1, 1);
    const [startX, startY] = [x - side * Math.sin(angle), y + side * Math.cos(angle)];
    const points = [0, 0.5, 1].map((t): Point => {
      const turned = angle + bend * t + random.between(-0.05, 0.05);
      return [startX + length * t * Math.cos(turned), startY + length * t * Math.sin(turned)];
    });
    return curve(points, false, { fill: "none", stroke: tint, "stroke-width": width });
  }).join("");
}

function balloon(sheet: Sheet, box: Box, pen: Pen): string {
  const { random } = sheet;
  const w = box.w * random.between(0.2, 0.5);
  const h = Math.min(box.h * random.between(0.12, 0.35), w);
  const at = { x: box.x + random.between(0, box.w - w), y: box.y + random.between(0, box.h - h), w, h };
  const ground = oneOf(random, ["white", "white", "#fff8d8", colour(random)]);
  const round = rectangle(at, { fill: ground, rx: h / 2, stroke: pen.stroke, "stroke-width": pen.width });
  const inside = { x: at.x + w * 0.15, y: at.y + h * 0.15, w: w * 0.7, h: h * 0.75 };
  return round + paragraph(sheet, inside, random.between(9, 20), { ...typeface(sheet), fill: pen.stroke });
}
