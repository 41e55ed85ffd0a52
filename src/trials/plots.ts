/** The report's plots as SVG, drawn by Observable Plot; text takes the page's colour, so that they serve light and dark. */
import { gainOf } from "./narrative.ts";
import {
  CHANNEL_COLOURS,
  type Draw,
  type Figure,
  METHOD_COLOURS,
  openPlot,
  type Plot,
  TRIAL_COLOURS,
} from "./plot_frame.ts";
import type { TrialResult, TrialsReport } from "./results.ts";

const trialName = ({ number }: { readonly number: number }) => `trial ${number}`;

export type PlotName = "curves" | "losses" | "scatter" | "methods" | "gains" | "transfer" | "colour";

/** All plots, by their place in the report. */
export async function drawPlots(report: TrialsReport): Promise<Record<PlotName, Figure>> {
  const { plot, draw } = await openPlot();
  return {
    curves: curves(report, plot, draw),
    losses: losses(report, plot, draw),
    scatter: scatter(report, plot, draw),
    methods: methods(report, plot, draw),
    gains: gains(report, plot, draw),
    transfer: transfer(report, plot, draw),
    colour: colour(report, plot, draw),
  };
}

function trialLegend({ trials }: TrialsReport) {
  return trials.map((trial, i) => ({
    colour: TRIAL_COLOURS[i],
    label: `${trialName(trial)}: ${trial.title}`,
  }));
}

function courses({ trials }: TrialsReport) {
  return trials.flatMap((trial, i) =>
    trial.history.map((row) => ({ ...row, trial: trialName(trial), colour: TRIAL_COLOURS[i] }))
  );
}

function curves(report: TrialsReport, plot: Plot, draw: Draw): Figure {
  const measured = courses(report).filter(({ psnr }) => psnr !== undefined);
  return {
    title: "PSNR on the photos held out from training, each network on its own damage",
    legend: trialLegend(report),
    svg: draw({
      height: 300,
      marginLeft: 55,
      x: { label: "step", nice: true, labelOffset: 40 },
      y: { label: "PSNR (dB)", nice: true },
      marks: [
        plot.lineY(measured, { x: "step", y: "psnr", z: "trial", stroke: "colour" }),
        plot.dot(measured, { x: "step", y: "psnr", fill: "colour", r: 3 }),
      ],
    }),
  };
}

function losses(report: TrialsReport, plot: Plot, draw: Draw): Figure {
  return {
    title: "Loss in training: mean absolute error, samples 0..1",
    legend: trialLegend(report),
    svg: draw({
      height: 260,
      marginLeft: 55,
      x: { label: "step", nice: true, labelOffset: 40 },
      y: {
        type: "log",
        label: "loss",
        tickFormat: (value: number) => String(Number(value.toPrecision(1))),
        ticks: 5,
      },
      marks: [plot.lineY(courses(report), { x: "step", y: "loss", z: "trial", stroke: "colour" })],
    }),
  };
}

function scatter(report: TrialsReport, plot: Plot, draw: Draw): Figure {
  const points = report.trials.flatMap((trial, i) =>
    trial.photos.map(({ degraded, restored }) => ({
      low: degraded.psnr,
      predicted: restored[0].psnr,
      colour: TRIAL_COLOURS[i],
    }))
  );
  const shown = points.filter(({ low, predicted }) => Number.isFinite(low) && Number.isFinite(predicted));
  const values = shown.flatMap(({ low, predicted }) => [low, predicted]);
  const [least, most] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const domain = [Math.floor(least - 0.5), Math.ceil(most + 0.5)];
  const hidden = points.length - shown.length;
  return {
    title: "Each photo before and after: above the line the network makes it better",
    legend: trialLegend(report),
    note: hidden > 0
      ? `${hidden} of ${points.length} are not shown: their low side is equal to the original (∞ dB).`
      : undefined,
    svg: draw({
      width: 560,
      height: 480,
      marginLeft: 55,
      x: { label: "PSNR low/high (dB)", domain, labelOffset: 40 },
      y: { label: "PSNR predicted/high (dB)", domain },
      marks: [
        plot.line([domain, domain].map((_, end) => [domain[end], domain[end]]), {
          stroke: "currentColor",
          strokeDasharray: "4 4",
          strokeOpacity: 0.6,
        }),
        plot.dot(shown, { x: "low", y: "predicted", fill: "colour", fillOpacity: 0.85, r: 4 }),
      ],
    }),
  };
}

function methods({ trials }: TrialsReport, plot: Plot, draw: Draw): Figure {
  const bars = trials.flatMap((trial) =>
    [{ name: "low", summary: trial.low }, ...trial.methods].map(({ name, summary: { psnr } }, i) => ({
      trial: trialName(trial),
      name,
      mean: psnr.mean,
      low: psnr.mean - psnr.deviation,
      high: psnr.mean + psnr.deviation,
      colour: METHOD_COLOURS[i],
    }))
  );
  const finite = bars.filter(({ mean }) => Number.isFinite(mean));
  const count = bars.length / trials.length;
  const most = Math.max(...finite.map(({ high }) => high));
  return {
    title: "Mean PSNR against the original; thin lines: one standard deviation over the photos",
    svg: draw({
      height: 40 + trials.length * (count * 24 + 20),
      marginLeft: 140,
      marginRight: 90,
      x: { label: "PSNR (dB)", domain: [0, Math.ceil(most + 1)], labelOffset: 40 },
      y: { label: null, domain: bars.slice(0, count).map(({ name }) => name) },
      fy: { label: null, padding: 0.12 },
      marks: [
        plot.barX(finite, { fy: "trial", y: "name", x: "mean", fill: "colour" }),
        plot.ruleY(finite, {
          fy: "trial",
          y: "name",
          x1: "low",
          x2: "high",
          stroke: "currentColor",
          strokeOpacity: 0.7,
        }),
        plot.text(finite, {
          ...{ fy: "trial", y: "name", x: "high", text: ({ mean }: { mean: number }) => mean.toFixed(1) },
          ...{ textAnchor: "start", dx: 6 },
        }),
        plot.text(bars.filter(({ mean }) => !Number.isFinite(mean)), {
          ...{
            fy: "trial",
            y: "name",
            x: 0,
            text: () => "∞: equal to the original",
            textAnchor: "start",
            dx: 6,
          },
        }),
      ],
    }),
  };
}

function gains({ trials }: TrialsReport, plot: Plot, draw: Draw): Figure {
  const bars = trials.flatMap((trial, i) =>
    trial.photos.map(({ degraded, restored }, photo) => ({
      trial: trialName(trial),
      photo: photo + 1,
      gain: restored[0].psnr - degraded.psnr,
      colour: TRIAL_COLOURS[i],
    }))
  );
  const shown = bars.filter(({ gain }) => Number.isFinite(gain));
  const hidden = trials.filter((trial) => !Number.isFinite(gainOf(trial))).map(({ number }) => number);
  return {
    title: "What the network adds to each photo",
    note: hidden.length > 0
      ? `Trial ${hidden.join(", ")} is left out: its low side is equal to the original.`
      : undefined,
    svg: draw({
      height: 40 + 120 * new Set(shown.map(({ trial }) => trial)).size,
      marginLeft: 55,
      marginRight: 60,
      x: {
        label: "photo",
        type: "band",
        labelOffset: 40,
        domain: bars.map(({ photo }) => photo),
        padding: 0.25,
        grid: false,
      },
      y: { label: "gain (dB)", nice: true, ticks: 4 },
      fy: { label: null, padding: 0.15 },
      marks: [
        plot.barY(shown, { fy: "trial", x: "photo", y: "gain", fill: "colour" }),
        plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.7 }),
      ],
    }),
  };
}

function transfer({ trials, transfer: rows }: TrialsReport, plot: Plot, draw: Draw): Figure {
  /** So far below the best a cell has the darkest colour, dB. */
  const range = 8;
  const cells = rows.flatMap((row, network) =>
    row.map((psnr, damage) => {
      const best = Math.max(...rows.map((other) => other[damage]));
      const behind = Number.isFinite(best) ? Math.min(best - psnr, range) : psnr === best ? 0 : range;
      return {
        network: `trial ${network + 1}`,
        damage: `trial ${damage + 1}`,
        share: 1 - behind / range,
        text: `${psnr === Infinity ? "∞" : psnr.toFixed(2)}${best === psnr ? " ★" : ""}`,
      };
    })
  );
  const lows = trials.map((trial) => ({
    network: "low side",
    damage: trialName(trial),
    text: trial.low.psnr.mean === Infinity ? "∞" : trial.low.psnr.mean.toFixed(2),
  }));
  return {
    title: "Mean PSNR of each network on each damage (dB)",
    note:
      `★ the best network on that damage. Full colour: as good as the best; none: ${range} dB or more behind.`,
    svg: draw({
      width: 640,
      height: 330,
      marginLeft: 80,
      marginTop: 45,
      marginBottom: 8,
      grid: false,
      padding: 0.06,
      x: { label: "damage of", axis: "top", labelAnchor: "center" },
      y: {
        label: "network of",
        domain: [...trials.map(trialName), "low side"],
        labelAnchor: "center",
        labelOffset: 75,
      },
      marks: [
        plot.cell(cells, {
          x: "damage",
          y: "network",
          fill: TRIAL_COLOURS[0],
          fillOpacity: "share",
          stroke: "currentColor",
          strokeOpacity: 0.25,
        }),
        plot.text(cells, { x: "damage", y: "network", text: "text", fontWeight: "bold" }),
        plot.text(lows, { x: "damage", y: "network", text: "text", fillOpacity: 0.8 }),
      ],
      opacity: { type: "identity" },
    }),
  };
}

function colour({ trials }: TrialsReport, plot: Plot, draw: Draw): Figure {
  const channels = (trial: TrialResult, shift: readonly number[]) =>
    ["R", "G", "B"].map((channel, i) => ({
      trial: trialName(trial),
      channel,
      shift: shift[i],
      colour: CHANNEL_COLOURS[i],
    }));
  const predicted = trials.flatMap((trial) => channels(trial, trial.methods[0].summary.channelShift));
  const low = trials.flatMap((trial) => channels(trial, trial.low.channelShift));
  return {
    title: "Mean change of each colour channel against the original, of 255",
    legend: [
      ...["R", "G", "B"].map((channel, i) => ({
        colour: CHANNEL_COLOURS[i],
        label: `${channel} of the prediction`,
      })),
      { colour: "currentColor", label: "upright line: the low side" },
    ],
    svg: draw({
      height: 50 + 85 * trials.length,
      marginLeft: 55,
      marginRight: 60,
      x: { label: "mean change", nice: true, labelOffset: 40 },
      y: { label: null, domain: ["R", "G", "B"] },
      fy: { label: null, padding: 0.2 },
      marks: [
        plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.7 }),
        plot.barX(predicted, { fy: "trial", y: "channel", x: "shift", fill: "colour" }),
        plot.tickX(low, { fy: "trial", y: "channel", x: "shift", stroke: "currentColor", strokeWidth: 2 }),
      ],
    }),
  };
}
