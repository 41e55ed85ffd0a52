/** The trials as one HTML page that needs no other file. */
import { escapeHtml } from "../base/html.ts";
import { narrate, type Narrative } from "./narrative.ts";
import type { Figure } from "./plot_frame.ts";
import { drawPlots } from "./plots.ts";
import type { TrialResult, TrialsReport } from "./results.ts";
import { ERROR_SCALE, type Strip } from "./strips.ts";
import { methodTable, photoTable } from "./tables.ts";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; padding: 0 1rem; max-width: 72rem; }
h1, h2, h3 { line-height: 1.2; }
h2 { margin-top: 3rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.15rem 0.4rem; text-align: right; vertical-align: bottom; }
tbody td, tbody th, tfoot td { white-space: pre; }
th[scope=row], th:first-child { text-align: left; font-weight: normal; }
thead th { font-weight: 600; border-bottom: 1px solid #8888; }
tfoot { border-top: 1px solid #8888; font-weight: 600; }
.plot { margin: 1.5rem 0; }
.plot figcaption { font-weight: 600; margin-bottom: 0.4rem; }
.plot svg { display: block; width: 100%; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; font-size: 0.85rem; margin-bottom: 0.3rem; }
.legend i { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 2px; margin-right: 0.4em; }
.strip { display: flex; flex-wrap: wrap; gap: 0.5rem; }
.strip figure { margin: 0; }
.strip figcaption { width: 0; min-width: 100%; }
.strip img { display: block; max-width: 100%; height: auto; }
figcaption, .note { font-size: 0.85rem; }
.note { opacity: 0.8; }
`;

/**
 * Lays out the page.
 * @param strips pictures of each trial, in the trials' order.
 */
export async function formatReport(
  report: TrialsReport,
  strips: readonly (readonly Strip[])[],
): Promise<string> {
  const narrative = narrate(report);
  const plots = await drawPlots(report);
  const patches = narrative.patches.length > 0;
  const body = [
    `<h1>Four trials of a small U-Net</h1>`,
    list(narrative.summary),
    `<h2>What was done</h2>`,
    aboutRun(report),
    `<h2>Training</h2>`,
    figure(plots.curves),
    figure(plots.losses),
    `<h2>Before and after</h2>`,
    figure(plots.methods),
    figure(plots.scatter),
    figure(plots.gains),
    ...report.trials.map((trial, i) => aboutTrial(trial, narrative, i, strips[i] ?? [])),
    `<h2>Which network helps on which damage</h2>`,
    figure(plots.transfer),
    list(narrative.transfer),
    `<h2>Colour</h2>`,
    figure(plots.colour),
    list(narrative.colour),
    ...(patches
      ? [`<h2>Isomap and the older methods</h2>`, aboutPatches(report), list(narrative.patches)]
      : []),
    `<h2>All methods</h2>`,
    methodTable(report),
    `<p class="note">Mean ± standard deviation over the test photos; seconds as measured in this run on this machine. Multiply-adds of neighbour
searches are an upper bound: a comparison ends early where it is lost.</p>`,
    ...(report.failures.length > 0
      ? [`<h2>Left out</h2>`, list(report.failures.map(({ name, reason }) => `${name}: ${reason}`))]
      : []),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trials: ${escapeHtml(report.data)}</title>
<style>${STYLE}</style>
</head>
<body>
${body.join("\n")}
</body>
</html>
`;
}

function aboutRun(report: TrialsReport): string {
  const { split, network, trials } = report;
  const residual = trials.filter((trial) => trial.residual).map(({ number }) => number);
  const low = report.paired
    ? "The photos came with a low side of their own; the trials' damage was added to it."
    : "The low side is the photo itself with the trial's damage added.";
  return `<p>${
    escapeHtml(
      `${split.train.length} photos of ${report.data} to train on, ${split.validation.length} to draw the curves, ${split.test.length} to test on, ` +
        `none in two parts (seed ${report.seed}). ${low} Tested on the middle ${report.testSize}×${report.testSize} pixels.`,
    )
  }</p>
<p>${
    escapeHtml(
      `The same U-Net each time: widths ${network.widths.join("/")}, ${
        network.parameters.toLocaleString("en-US")
      } parameters, ` +
        `${report.batch} patches of ${report.patch}×${report.patch} a step, L1 loss. ` +
        `${
          residual.length > 0
            ? `In trial ${residual.join(", ")} its output is a correction of its input, otherwise`
            : "Its output is"
        } the whole picture. ` +
        `Trained on ${report.adapter}, tested on ${report.device} (preset ${report.preset}).`,
    )
  }</p>
<ol>${
    trials.map(({ title, recipe, steps }) =>
      `<li>${escapeHtml(`${title}; `)}<code>${escapeHtml(recipe)}</code>${
        escapeHtml(`; ${steps} steps`)
      }</li>`
    ).join("")
  }</ol>
<p class="note">PSNR is 10·log10(255² / MSE), MSE the mean of the squared differences over all pixels and channels; ∞ where pictures are equal.
SSIM is that of luma. Photos that a recipe left unharmed are not in the mean PSNR, unless all are such.</p>`;
}

function aboutTrial(
  trial: TrialResult,
  narrative: Narrative,
  index: number,
  strips: readonly Strip[],
): string {
  const pictures = strips.map(({ title, pictures }) =>
    `<h3>${escapeHtml(title)}</h3>\n<div class="strip">${
      pictures.map(({ caption, url, width, height }) =>
        `<figure><img src="${url}" width="${width}" height="${height}" alt="${
          escapeHtml(`${title}: ${caption}`)
        }"><figcaption>${escapeHtml(caption)}</figcaption></figure>`
      ).join("")
    }</div>`
  );
  return [
    `<h2>Trial ${trial.number}: ${escapeHtml(trial.title)}</h2>`,
    list(narrative.trials[index]),
    photoTable(trial),
    ...pictures,
    ...(pictures.length > 0
      ? [
        `<p class="note">Pixel for pixel. Error: mean absolute difference of the channels, black where there is none, white from ${
          Math.round(255 / ERROR_SCALE)
        } of 255 on.</p>`,
      ]
      : []),
  ].join("\n");
}

function aboutPatches({ patches, patchSize }: TrialsReport): string {
  return `<p>${
    escapeHtml(
      `These remember ${patches} degraded patches of ${patchSize}×${patchSize} pixels with their clean sides, and blend the clean sides of the ten that are most like ` +
        `a new patch, weighted by inverse distance; overlapping patches are averaged. They differ in what being alike means: pixels that are near ("neighbours"), near ` +
        `in sixteen principal components ("PCA + neighbours"), or near on the manifold that Isomap finds, where a new patch is placed among its nearest.`,
    )
  }</p>`;
}

function figure({ title, svg, legend = [], note }: Figure): string {
  const entries = legend.map(({ colour, label }) =>
    `<span><i style="background:${colour}"></i>${escapeHtml(label)}</span>`
  );
  return `<figure class="plot" style="margin-inline:0"><figcaption>${escapeHtml(title)}</figcaption>${
    entries.length > 0 ? `<div class="legend">${entries.join("")}</div>` : ""
  }${svg}${note ? `<p class="note">${escapeHtml(note)}</p>` : ""}</figure>`;
}

function list(sentences: readonly string[]): string {
  return `<ul>${sentences.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join("\n")}</ul>`;
}
