/** Holds the figures in README.md and docs/MODELS.md to those of the model cards, where each was measured. */
import { assert } from "./assert.ts";

const read = (path: string) => Deno.readTextFileSync(new URL(`../${path}`, import.meta.url));

/** Rows of all tables of a page, cell by cell; their heads among them. */
function rowsOf(page: string): string[][] {
  return page.split("\n").filter((line) => /^\|.*\|$/.test(line))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim()));
}

/** The last number of a cell such as `33.68 → 37.09` or `50.44 (without 5 exact)`, or of `∞`. */
const lastNumber = (cell: string) =>
  cell === "∞"
    ? Infinity
    : Number(/(\d+(?:\.\d+)?)[^\d]*$/.exec(cell.replace(/\(without \d+ exact\)/, ""))?.[1]);

/** What a card says a model makes of a damage, in dB: over RGB, and on luma where it enlarges. */
function cardFigure(model: string, set: string, damage: string): number {
  const row = rowsOf(read(`models/${model}.md`)).find(([photos, second]) =>
    photos.startsWith(`${set} (`) && (damage === "shrink:2" || second === damage)
  );
  assert(row, `models/${model}.md has no row of ${set} and ${damage}`);
  return lastNumber(row[damage === "shrink:2" ? 2 : 3]);
}

/** What stands in README's table, with the damage as the cards spell it. */
const README_ROWS: readonly (readonly [string, string, string])[] = [
  ["gaussian blur, sigma 1.5", "photo", "`blur:1.5`"],
  ["gaussian noise, sigma 25", "photo", "`gaussian:25`"],
  ["gaussian noise, sigma 25", "denoise", "`gaussian:25`"],
  ["blur of sigma 1, then 1 % black and white specks", "photo", "`blur:1,salt-pepper:0.01`"],
  ["2 % specks, then blur of sigma 1.5", "photo", "`salt-pepper:0.02,blur:1.5`"],
  ["10 % black and white specks", "photo", "`salt-pepper:0.1`"],
  ["10 % black and white specks", "impulse", "`salt-pepper:0.1`"],
  ["JPEG, quality 20", "photo", "`jpeg:20`"],
  ["JPEG, quality 20", "jpeg", "`jpeg:20`"],
  ["half the size", "upscale2x", "shrink:2"],
  ["none: a good photo stays as it is", "photo", "none (clean)"],
];

Deno.test("README.md says what the models' cards say, rounded", () => {
  const rows = rowsOf(read("README.md"));
  for (const [start, model, damage] of README_ROWS) {
    const cell = rows.find(([first]) => first.startsWith(start))?.[2];
    assert(cell !== undefined, `README.md has no row '${start}'`);
    // `29.2 dB (`--model denoise`: 29.5)`: another model than the row's follows its name.
    const parts = cell.split("(");
    const part = parts.find((part) => part.includes(`--model ${model}`)) ?? parts[0];
    const card = cardFigure(model, "bsd100", damage);
    assert(
      Math.abs(lastNumber(part.replace(/ dB/, "")) - card) < 0.051,
      `README.md, '${start}': ${cell}; models/${model}.md has ${card}`,
    );
  }
});

Deno.test("README.md says of real noise what the card of `denoise` says, rounded", () => {
  const said = /^On the 15 pairs of CC15, .*: ([\d.]+) dB become ([\d.]+) \(`photo` ([\d.]+)/m.exec(
    read("models/denoise.md"),
  );
  assert(said, "models/denoise.md has no sentence on CC15");
  const row = rowsOf(read("README.md")).find(([first]) => first.startsWith("real noise"));
  assert(row, "README.md has no row 'real noise'");
  const [before, photo, denoise] = [row[1], row[2].split("(")[0].replace(" dB", ""), row[2].split("(")[1]]
    .map((cell) => lastNumber(cell.replace(" dB", "")));
  const card = said.slice(1).map(Number);
  [[before, card[0]], [denoise, card[1]], [photo, card[2]]].forEach(([here, there]) =>
    assert(Math.abs(here - there) < 0.051, `README.md: ${row.join(" | ")}; the card has ${card}`)
  );
});

/** Columns of the large table in docs/MODELS.md whose photos and damage a card has too. */
const COLUMNS: Readonly<Record<string, string>> = {
  "set14 blur 1.5 (14)": "`blur:1.5`",
  "set14 clean (14)": "none (clean)",
  "set14 over, 1 % (14)": "`blur:1,salt-pepper:0.01`",
  "set14 q20 (14)": "`jpeg:20`",
  "set14 q40 (14)": "`jpeg:40`",
  "set5 ×2 (5)": "shrink:2",
  "set14 ×2 (14)": "shrink:2",
};

Deno.test("the table in docs/MODELS.md has the figures of the models' cards", () => {
  let compared = 0;
  let heads: string[] = [];
  for (const row of rowsOf(read("docs/MODELS.md"))) {
    if (row[0] === "") heads = row;
    const model = /^\*\*([\w-]+)\*\*$/.exec(row[0])?.[1];
    if (!model) continue;
    heads.forEach((head, column) => {
      const damage = COLUMNS[head];
      const inCard = damage === "shrink:2"
        ? model === "upscale2x"
        : damage !== undefined && read(`models/${model}.md`).includes(`| ${damage} |`);
      if (!inCard || !row[column] || row[column] === "–") return;
      const card = cardFigure(model, head.split(" ")[0], damage);
      const here = lastNumber(row[column]);
      assert(
        here === card || Math.abs(here - card) < 0.011,
        `docs/MODELS.md, ${model}, ${head}: ${row[column]}; models/${model}.md has ${card}`,
      );
      compared++;
    });
  }
  assert(compared >= 9, `${compared} figures compared`);
});
