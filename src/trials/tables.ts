/** Tables of the report, as HTML. */
import { escapeHtml } from "../base/html.ts";

import type { Spread, TrialResult, TrialsReport } from "./results.ts";
import { decibels, signed, thousands } from "./wording.ts";

type Cell = string;

/** One table; the first column is text, the others are numbers. */
function table(heads: readonly string[], rows: readonly Cell[][], feet: readonly Cell[][] = []): string {
  const row = (cells: readonly Cell[], tag: "td" | "th") =>
    `<tr>${
      cells.map((cell, i) =>
        i === 0 ? `<th scope="row">${escapeHtml(cell)}</th>` : `<${tag}>${escapeHtml(cell)}</${tag}>`
      )
        .join("")
    }</tr>`;
  const head = `<tr>${heads.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("")}</tr>`;
  const foot = feet.length > 0 ? `<tfoot>${feet.map((cells) => row(cells, "td")).join("")}</tfoot>` : "";
  return `<div class="scroll"><table><thead>${head}</thead><tbody>${
    rows.map((cells) => row(cells, "td")).join("\n")
  }</tbody>${foot}</table></div>`;
}

/** Every test photo of a trial: PSNR of each method, MSE and SSIM before and after; mean and spread below. A damage has a line for each step. */
export function photoTable({ photos, methods, low }: TrialResult): string {
  const [network, ...others] = methods;
  const heads = [
    ...[
      "photo",
      "damage",
      "PSNR low/high",
      "PSNR predicted/high",
      "gain",
      ...others.map(({ name }) => name),
    ],
    ...["MSE low", "MSE pred.", "SSIM low", "SSIM pred."],
  ];
  const rows = photos.map(({ name, damage = "", degraded, restored }) => [
    ...[name, damage.replaceAll(",", ",\n"), decibels(degraded.psnr), decibels(restored[0].psnr)],
    gain(restored[0].psnr - degraded.psnr),
    ...restored.slice(1).map(({ psnr }) => decibels(psnr)),
    ...[
      degraded.mse.toFixed(1),
      restored[0].mse.toFixed(1),
      degraded.ssim.toFixed(3),
      restored[0].ssim.toFixed(3),
    ],
  ]);
  const { summary } = network;
  const foot = (
    label: string,
    pick: (spread: Spread) => number,
    write: (value: number, digits: number) => string,
  ) => [
    ...[label, "", write(pick(low.psnr), 2), write(pick(summary.psnr), 2)],
    label === "mean" ? gain(summary.psnr.mean - low.psnr.mean) : "",
    ...others.map(({ summary }) => write(pick(summary.psnr), 2)),
    ...[
      write(pick(low.mse), 1),
      write(pick(summary.mse), 1),
      write(pick(low.ssim), 3),
      write(pick(summary.ssim), 3),
    ],
  ];
  return table(heads, rows, [
    foot("mean", ({ mean }) => mean, (value, digits) => value === Infinity ? "∞" : value.toFixed(digits)),
    foot(
      "spread",
      ({ mean, deviation }) => mean === Infinity ? NaN : deviation,
      (value, digits) => Number.isNaN(value) ? "" : `± ${value.toFixed(digits)}`,
    ),
  ]);
}

/** All methods over all trials. */
export function methodTable({ trials }: TrialsReport): string {
  const heads = [
    "trial, method",
    "PSNR",
    "against low",
    "SSIM",
    "MSE",
    "to prepare",
    "a megapixel",
    "multiply-adds a pixel",
  ];
  const rows = trials.flatMap(({ number, low, methods, informed }) => [
    [`${number} low side`, spread(low.psnr, 2), "", spread(low.ssim, 3), spread(low.mse, 1), "", "", ""],
    ...methods.map(({ name, summary, cost }) => [
      ...[`${number} ${name}`, spread(summary.psnr, 2), gain(summary.psnr.mean - low.psnr.mean)],
      ...[spread(summary.ssim, 3), spread(summary.mse, 1), `${cost.prepareSeconds.toFixed(1)} s`],
      ...[`${cost.secondsPerMegapixel.toFixed(1)} s`, thousands(cost.macsPerPixel)],
    ]),
    ...(informed
      ? [[
        ...[
          `${number} neighbours by the original`,
          spread(informed.psnr, 2),
          gain(informed.psnr.mean - low.psnr.mean),
        ],
        ...[spread(informed.ssim, 3), spread(informed.mse, 1), "", "", ""],
      ]]
      : []),
  ]);
  return table(heads, rows);
}

function spread({ mean, deviation }: Spread, digits: number): string {
  return mean === Infinity ? "∞" : `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
}

function gain(difference: number): string {
  return Number.isFinite(difference) ? signed(difference) : difference === -Infinity ? "−∞" : "";
}
