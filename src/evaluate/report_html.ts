/** An evaluation as one HTML page that needs no other file. */
import { escapeHtml as escape } from "../base/html.ts";
import type { Evaluation, PhotoResult, Pictures } from "./evaluate.ts";
import { allRows, columnHeads, explanationOf, formatDecibels, titleOf } from "./report.ts";

/** How the page begins, and no other page: by this a later report knows what it may replace. */
export const PAGE_START = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="clairnet evaluate">
`;

/** Side of the crops, pixels: shown unscaled, so that noise and edges can be judged. */
const CROP = 256;

/** One photo's crops as data URLs. */
interface Illustration {
  readonly name: string;
  readonly damage?: string;
  readonly pictures: readonly { readonly caption: string; readonly url: string }[];
}

/** Collects crops while an evaluation runs; give its `add` as `onPictures`. */
export class Illustrations {
  readonly all: Illustration[] = [];
  /**
   * @param restorers names of the restorers, in their order.
   * @param limit photos to illustrate; later ones only appear in the table.
   */
  constructor(readonly restorers: readonly string[], readonly limit = 8) {}

  /** Keeps the middle of each picture. */
  readonly add = async (result: PhotoResult, pictures: Pictures): Promise<void> => {
    if (this.all.length >= this.limit) return;
    const scores = [result.degraded, ...result.restored];
    const named: [string, Uint8Array][] = [
      ["degraded", pictures.degraded],
      ...pictures.restored.map((picture, i): [string, Uint8Array] => [this.restorers[i], picture]),
      ["original", pictures.original],
    ];
    const crops = await Promise.all(named.map(async ([name, rgb], i) => ({
      caption: scores[i] ? `${name}, ${formatDecibels(scores[i].psnr)} dB` : name,
      url: await cropUrl(rgb, pictures.width, pictures.height),
    })));
    this.all.push({ name: result.name, damage: result.damage, pictures: crops });
  };
}

/** The page: the table, and below it the photos' crops side by side. */
export function formatHtml(evaluation: Evaluation, illustrations?: Illustrations): string {
  const rows = allRows(evaluation).map(({ label, method, cells }) =>
    `<tr${label ? ' class="first"' : ""}><th>${escape(label)}</th><td class="method">${escape(method)}</td>` +
    `${cells.map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`
  );
  const figures = (illustrations?.all ?? []).map(({ name, damage, pictures }) =>
    `<h2>${escape(name)}${damage ? ` <small>${escape(damage)}</small>` : ""}</h2>\n<div class="row">${
      pictures.map(({ caption, url }) =>
        `<figure><img src="${url}" alt="${escape(`${name}: ${caption}`)}"><figcaption>${
          escape(caption)
        }</figcaption></figure>`
      ).join("")
    }</div>`
  );
  const left = [...evaluation.failures, ...evaluation.skipped].map(({ name, reason }) =>
    `<li>${escape(name)}: ${escape(reason)}</li>`
  );
  return `${PAGE_START}<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(titleOf(evaluation))}</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; padding: 0 1rem; max-width: 90rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.1rem 0.8rem; text-align: right; }
tbody th, .method { text-align: left; font-weight: normal; }
tr.first > * { border-top: 1px solid #8886; }
.row { display: flex; flex-wrap: wrap; gap: 0.5rem; }
figure { margin: 0; }
figcaption { width: 0; min-width: 100%; overflow-wrap: anywhere; }
figcaption, small { font-size: 0.85rem; font-weight: normal; opacity: 0.75; }
</style>
</head>
<body>
<h1>${escape(titleOf(evaluation))}</h1>
<table>
<thead><tr><th></th><th></th>${columnHeads.map((head) => `<th>${escape(head)}</th>`).join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
<p>${escape(explanationOf(evaluation))}</p>
${left.length > 0 ? `<p>Left out:</p>\n<ul>${left.join("")}</ul>` : ""}
${figures.join("\n")}
</body>
</html>
`;
}

async function cropUrl(rgb: Uint8Array, width: number, height: number): Promise<string> {
  const { default: sharp } = await import("sharp");
  const [cropWidth, cropHeight] = [Math.min(width, CROP), Math.min(height, CROP)];
  const png = await sharp(rgb, { raw: { width, height, channels: 3 } }).extract({
    left: Math.floor((width - cropWidth) / 2),
    top: Math.floor((height - cropHeight) / 2),
    width: cropWidth,
    height: cropHeight,
  }).png().toBuffer();
  return `data:image/png;base64,${new Uint8Array(png).toBase64()}`;
}
