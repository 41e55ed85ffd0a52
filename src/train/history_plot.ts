/** Draws the course of a training as an SVG: loss above, PSNR of the held-out part below. */
import type { HistoryRow } from "./history.ts";

const WIDTH = 720;
const HEIGHT = 240;

/** One SVG document with both plots. */
export async function plotHistory(rows: readonly HistoryRow[]): Promise<string> {
  const [Plot, { DOMParser }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const document = new DOMParser().parseFromString("<!doctype html><html><body></body></html>", "text/html");
  const measured = rows.filter((row) => row.psnr !== undefined);
  // Both plots have the same steps below each other. Ticks of a point or a flat course would be figures of ten digits.
  const steps = [0, Math.max(1, ...rows.map(({ step }) => step))];
  const common = {
    document: document as never,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 60,
    marginTop: 30,
    marginBottom: 40,
    grid: true,
    x: { domain: steps, label: "step", tickFormat: (step: number) => step.toLocaleString("en") },
  };
  const levels = measured.map(({ psnr }) => psnr!).filter(Number.isFinite);
  const plots = [
    Plot.plot({
      ...common,
      y: { type: "log", label: "loss", tickFormat: plain },
      marks: [Plot.lineY(rows, { x: "step", y: "loss", stroke: "#4269d0" })],
    }),
    Plot.plot({
      ...common,
      y: {
        label: "PSNR on the held-out part (dB)",
        ...(levels.length > 0 && { domain: [Math.min(...levels) - 0.1, Math.max(...levels) + 0.1] }),
        nice: true,
      },
      marks: [
        Plot.lineY(measured, { x: "step", y: "psnr", stroke: "#3ca951" }),
        Plot.dot(measured, { x: "step", y: "psnr", r: 2, fill: "#3ca951" }),
      ],
    }),
  ];
  const parts = plots.map((plot, index) => {
    plot.setAttribute("y", String(index * HEIGHT));
    return plot.outerHTML;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT * plots.length}" ` +
    `style="background:white">${parts.join("")}</svg>\n`;
}

/** A small number without prefixes (47m) and without an exponent, where it has less than six places: 0.047. */
function plain(value: number): string {
  return value >= 1e-5 ? value.toLocaleString("en", { maximumSignificantDigits: 3 }) : value.toExponential();
}
