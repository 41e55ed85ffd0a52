/**
 * The figures of a model card as a Markdown table: `deno run -A tools/model_figures.ts MODEL PHOTOS...`, each PHOTOS a folder.
 * Runs on what `--device auto` picks. Nothing is tuned on these figures: they are for the end.
 */
import { openNetwork } from "../src/enhance/open_network.ts";
import { evaluateFolder } from "../src/evaluate/evaluate.ts";
import { networkRestorer } from "../src/evaluate/network_restorer.ts";
import { parseRestorers } from "../src/evaluate/restorer.ts";
import { loadModel } from "../src/nn/models.ts";

/** Damage, and the classical filter that does best on it. */
const ROWS: readonly (readonly [recipe: string, filter: string])[] = [
  ["blur:1.5", "unsharp:1:3"],
  ["gaussian:25", "nlm"],
  ["salt-pepper:0.01", "switching-mean"],
  ["jpeg:30", "bilateral"],
  ["blur:1,salt-pepper:0.01", "switching-mean+unsharp"],
  ["salt-pepper:0.02,blur:1.5", "median+unsharp"],
  ["photo", "bilateral"],
  ["none", "bilateral"],
];

const [model, ...folders] = Deno.args;
if (folders.length === 0) {
  console.error("deno run -A tools/model_figures.ts MODEL PHOTOS...");
  Deno.exit(2);
}
using opened = await openNetwork(await loadModel(model), "auto");
console.error(opened.notice);
console.log(
  "| photos | damage | damaged, dB | restored, dB | gain, dB | best filter, dB | SSIM before → after | colour shift |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
for (const data of folders) {
  for (const [recipe, filter] of ROWS) {
    const restorers = [networkRestorer("model", opened.network), ...parseRestorers(filter)];
    const { mean, photos, recipe: spelled } = await evaluateFolder({ data, recipe, seed: 1, restorers });
    const [network, classical] = mean.restored;
    const gain = Number.isFinite(mean.degraded.psnr) ? signed(network.psnr - mean.degraded.psnr) : "";
    const cells = [
      `${data.split("/").filter(Boolean).at(-1)} (${photos.length})`,
      recipe === "none" ? "none (clean)" : recipe === "photo" ? "`photo`: the mix" : `\`${spelled}\``,
      ...[
        decibels(mean.degraded.psnr),
        decibels(network.psnr),
        gain,
        `${decibels(classical.psnr)} \`${filter}\``,
      ],
      `${mean.degraded.ssim.toFixed(3)} → ${network.ssim.toFixed(3)}`,
      network.shift.toFixed(2),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function decibels(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : "∞";
}

function signed(value: number): string {
  return (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);
}
