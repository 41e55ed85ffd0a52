/** Draws the course of a training as an SVG: loss above, PSNR of the held-out part below. */
import type { HistoryRow } from "./history.ts";

const WIDTH = 720;
const HEIGHT = 240;

/** One SVG document with both plots. */
export async function plotHistory(rows: readonly HistoryRow[]): Promise<string> {
  const [Plot, { DOMParser }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const document = new DOMParser().parseFromString("<!doctype html><html><body></body></html>", "text/html");
  const measured = rows.filter((row) => row.psnr !== undefined);
  const common = { document: document as never, width: WIDTH, height: HEIGHT, marginLeft: 60, grid: true };
  const plots = [
    Plot.plot({
      ...common,
      y: { type: "log", label: "loss" },
      marks: [Plot.lineY(rows, { x: "step", y: "loss", stroke: "#4269d0" })],
    }),
    Plot.plot({
      ...common,
      y: { label: "PSNR on the held-out part (dB)" },
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
