/** What a screen shows: windows, bars, buttons, icons, lists and code in small type, all edges on the pixel grid. */
import { type Box, cells, chance, colour, oneOf, paper, type Sheet } from "./sheet.ts";
import { element, fill, rectangle } from "./svg.ts";
import { paragraph, text, typeface, word, words } from "./words.ts";

export function screen(sheet: Sheet): string {
  const { width, height, random } = sheet;
  const ground = fill(sheet, 0.7);
  const desk = rectangle({ x: 0, y: 0, w: width, h: height }, { fill: ground.fill });
  const frames = cells(
    random,
    { x: 6, y: 6, w: width, h: height },
    1 + random.below(3),
    1 + random.below(2),
    8,
  );
  return ground.definition + desk + frames.map((box, i) => frame(sheet, whole(box), `w${i}`)).join("");
}

const whole = ({ x, y, w, h }: Box): Box => ({
  x: Math.round(x),
  y: Math.round(y),
  w: Math.round(w),
  h: Math.round(h),
});

/** Title bar and content of a window. */
function frame(sheet: Sheet, box: Box, id: string): string {
  const { random } = sheet;
  const dark = chance(random, 0.4);
  const ground = dark ? oneOf(random, ["#1e1e1e", "#282c34", "#002b36", "#111"]) : paper(random);
  const bar = fill(sheet);
  const size = 11 + random.below(5);
  const head: Box = { ...box, h: 2 * size };
  const title = text([box.x + 10, box.y + 1.4 * size], size, words(random, 3), {
    ...typeface(sheet),
    fill: colour(random),
  });
  const inside = { x: box.x + 8, y: box.y + head.h + 8, w: box.w - 16, h: box.h - head.h - 16 };
  const content = oneOf(random, [code, list, buttons])(sheet, inside, dark);
  const clip = element("clipPath", { id }, rectangle(box, {}));
  return clip + bar.definition + element(
    "g",
    { "clip-path": `url(#${id})` },
    rectangle(box, { fill: ground, stroke: colour(random) }) + rectangle(head, { fill: bar.fill }) + title +
      content,
  );
}

const tint = (sheet: Sheet, dark: boolean) => dark ? paper(sheet.random) : "#222";

/** Indented lines whose words have colours of their own. */
function code(sheet: Sheet, box: Box, dark: boolean): string {
  const { random } = sheet;
  const size = 10 + random.below(6);
  const face = { ...typeface(sheet), "font-family": "monospace" };
  const tints = [tint(sheet, dark), colour(random), colour(random), colour(random)];
  const lines: string[] = [];
  for (let y = box.y + size; y < box.y + box.h; y += Math.round(size * 1.35)) {
    const parts = Array.from(
      { length: 1 + random.below(7) },
      () =>
        element(
          "tspan",
          { fill: oneOf(random, tints) },
          `${word(random)}${oneOf(random, [" ", "(", ") ", "=", "; "])}`,
        ),
    );
    lines.push(text([box.x + size * 2 * random.below(4), y], size, parts.join(""), face));
  }
  return lines.join("");
}

/** Rows of a dot or a box, and words. */
function list(sheet: Sheet, box: Box, dark: boolean): string {
  const { random } = sheet;
  const size = 10 + random.below(8);
  const face = { ...typeface(sheet), fill: tint(sheet, dark) };
  const rows: string[] = [];
  for (let y = box.y; y + size < box.y + box.h; y += size * 2) {
    const mark: Box = { x: box.x, y: Math.round(y), w: size, h: size };
    if (chance(random, 0.2)) {
      rows.push(rectangle({ ...mark, x: box.x - 4, w: box.w + 8, h: size * 1.6 }, { fill: colour(random) }));
    }
    rows.push(rectangle(mark, { fill: colour(random), rx: chance(random, 0.5) ? size / 2 : 1 }));
    rows.push(text([box.x + size * 1.6, y + size * 0.9], size, words(random, 2 + random.below(5)), face));
  }
  return rows.join("");
}

/** Buttons and small pictures in rows, words between. */
function buttons(sheet: Sheet, box: Box, dark: boolean): string {
  const { random } = sheet;
  return cells(random, box, 1 + random.below(4), 2 + random.below(5), 10).map((cell) => {
    const at = whole(cell);
    if (chance(random, 0.3)) {
      return paragraph(sheet, at, 9 + random.below(8), { ...typeface(sheet), fill: tint(sheet, dark) });
    }
    const ground = fill(sheet);
    const size = Math.min(at.h * 0.5, 16);
    const label = text([at.x + 6, at.y + at.h * 0.6], size, words(random, 2), {
      ...typeface(sheet),
      fill: colour(random),
    });
    return ground.definition +
      rectangle(at, { fill: ground.fill, stroke: colour(random), rx: random.below(8) }) + label;
  }).join("");
}
