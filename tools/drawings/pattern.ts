/** Cloth, tiles, fences, ripples: what repeats, at any pitch and angle, down to the finest that pixels hold. */
import { type Box, cells, chance, colour, type Sheet } from "./sheet.ts";
import { element, fill, hatching, rectangle } from "./svg.ts";

export function pattern(sheet: Sheet): string {
  const { width, height, random } = sheet;
  const parts = cells(
    random,
    { x: 0, y: 0, w: width, h: height },
    2 + random.below(3),
    2 + random.below(2),
    0,
  );
  return parts.map((box, i) => chance(random, 0.25) ? rings(sheet, box, `r${i}`) : cloth(sheet, box)).join(
    "",
  );
}

/** One or two hatchings over a colour or a ramp. */
function cloth(sheet: Sheet, box: Box): string {
  const ground = fill(sheet, 0.5);
  const layers = Array.from({ length: 1 + sheet.random.below(2) }, () => {
    const marks = hatching(sheet);
    return marks.definition + rectangle(box, { fill: marks.fill });
  });
  return ground.definition + rectangle(box, { fill: ground.fill }) + layers.join("");
}

/** Rings around a centre, closer and closer as in a zone plate. */
function rings(sheet: Sheet, box: Box, id: string): string {
  const { random } = sheet;
  const [cx, cy] = [box.x + box.w * random.uniform(), box.y + box.h * random.uniform()];
  const first = random.between(15, 60);
  const stroke = colour(random);
  const circles: string[] = [];
  for (let i = 1, r = first, last = 0; i < 60 && r - last > 2.5; i++, last = r, r = first * Math.sqrt(i)) {
    circles.push(element("circle", { cx, cy, r, fill: "none", stroke, "stroke-width": (r - last) / 2 }));
  }
  const clip = element("clipPath", { id }, rectangle(box, {}));
  return clip + element(
    "g",
    { "clip-path": `url(#${id})` },
    rectangle(box, { fill: colour(random) }) + circles.join(""),
  );
}
