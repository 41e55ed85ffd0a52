/** Writing: words that are none, with letters about as frequent as in English, and lines of them. */
import type { Random } from "../../src/base/random.ts";
import { type Box, chance, oneOf, type Sheet } from "./sheet.ts";
import { type Attributes, element, type Point } from "./svg.ts";

const LETTERS =
  "eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddlllluuuccmmwwffggyyppbbvkjxqz";
const MARKS = [",", ".", ":", ";", "!", "?", ")", "%"];

export function word(random: Random): string {
  if (chance(random, 0.12)) return String(random.below(10 ** (1 + random.below(5))));
  const letters = Array.from({ length: 1 + random.below(9) }, () => LETTERS[random.below(LETTERS.length)])
    .join("");
  const kind = random.uniform();
  const cased = kind < 0.08
    ? letters.toUpperCase()
    : kind < 0.25
    ? letters[0].toUpperCase() + letters.slice(1)
    : letters;
  return chance(random, 0.12) ? cased + oneOf(random, MARKS) : cased;
}

export function words(random: Random, count: number): string {
  return Array.from({ length: count }, () => word(random)).join(" ");
}

/** A face, weight and slope, without a size. */
export function typeface({ random, fonts }: Sheet): Attributes {
  return {
    "font-family": `${oneOf(random, fonts)}, sans-serif`,
    "font-weight": oneOf(random, [300, 400, 400, 400, 700, 700, 900]),
    "font-style": chance(random, 0.12) ? "italic" : "normal",
  };
}

/** One line that starts at the left end of its baseline. */
export function text([x, y]: Point, size: number, content: string, attributes: Attributes): string {
  return element("text", { x, y, "font-size": size, ...attributes }, content);
}

/** Lines of words that fill a box; what is too long is cut by whoever clips the box. */
export function paragraph(sheet: Sheet, box: Box, size: number, attributes: Attributes): string {
  const leading = size * sheet.random.between(1.15, 1.6);
  // A letter is about half as wide as it is high, a word has five of them and a space.
  const perLine = Math.max(1, Math.round(box.w / (size * 3)));
  const lines: string[] = [];
  for (let y = box.y + size; y < box.y + box.h; y += leading) {
    lines.push(text([box.x, y], size, words(sheet.random, perLine), attributes));
  }
  return lines.join("");
}
