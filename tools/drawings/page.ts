/** A printed page or a slide: a title, columns, lists, boxes with words in them. */
import { type Box, cells, chance, colour, ink, paper, type Sheet } from "./sheet.ts";
import { fill, line, rectangle } from "./svg.ts";
import { paragraph, text, typeface, words } from "./words.ts";

const MARGIN = 30;

export function page(sheet: Sheet): string {
  const { width, height, random } = sheet;
  const whole: Box = { x: 0, y: 0, w: width, h: height };
  const dark = chance(random, 0.3);
  const ground = dark ? fill(sheet) : { fill: paper(random), definition: "" };
  const title = random.between(24, 72);
  const heading = text([MARGIN, MARGIN + title], title, words(random, 3), {
    ...typeface(sheet),
    fill: dark ? paper(random) : ink(random),
  });
  const rule = chance(random, 0.4)
    ? line([MARGIN, MARGIN + title * 1.3], [width - MARGIN, MARGIN + title * 1.3], {
      stroke: colour(random),
      "stroke-width": random.between(0.7, 5),
    })
    : "";
  const rest: Box = {
    x: MARGIN,
    y: MARGIN + title * 1.5,
    w: width - 2 * MARGIN,
    h: height - 2 * MARGIN - title * 1.5,
  };
  const blocks = cells(random, rest, 1 + random.below(4), 1 + random.below(3), 14).map((box) =>
    block(sheet, box, dark)
  );
  return ground.definition + rectangle(whole, { fill: ground.fill }) + heading + rule + blocks.join("");
}

function block(sheet: Sheet, box: Box, dark: boolean): string {
  const { random } = sheet;
  const face = typeface(sheet);
  const size = Math.exp(random.between(Math.log(8), Math.log(34)));
  if (chance(random, 0.3)) {
    const ground = fill(sheet);
    const inside = { x: box.x + 8, y: box.y + 6, w: box.w - 16, h: box.h - 12 };
    const written = paragraph(sheet, inside, size, { ...face, fill: colour(random) });
    return ground.definition + rectangle(box, { fill: ground.fill, rx: random.between(0, 14) }) + written;
  }
  return paragraph(sheet, box, size, { ...face, fill: dark ? paper(random) : ink(random) });
}
