/**
 * The figures of a model card as a Markdown table:
 * `deno run -A tools/model_figures.ts MODEL[+MODEL] PHOTOS... [--damages "RECIPE RECIPE"] [--rows N] [--luma] [--filters] [--self-ensemble] [--strengths "X Y"]`,
 * each PHOTOS a folder.
 * `--damages` names the recipes, parted by spaces, in place of those of `photo`, of which `--rows` takes the first N; `--luma` adds PSNR on Y, with a border as
 * wide as the scale left out; `--filters` adds the classical filter that suits each of `photo`'s, which takes some seconds a photo; `--self-ensemble`
 * and `--strengths` add what these options of `enhance` make of it.
 * Runs on what `--device auto` picks. Nothing is to be tuned on these figures: they are for the end.
 */
import { cpuNetwork } from "../src/enhance/cpu_network.ts";
import { chooseModels } from "../src/enhance/choose_models.ts";
import { openChain } from "../src/enhance/open_chain.ts";
import { openNetwork } from "../src/enhance/open_network.ts";
import { evaluateFolder } from "../src/evaluate/evaluate_folder.ts";
import type { Scores } from "../src/evaluate/evaluate.ts";
import { networkRestorer } from "../src/evaluate/network_restorer.ts";
import { parseRestorers } from "../src/evaluate/restorer.ts";
import { readArguments, refuse, wholeNumber } from "./arguments.ts";
import { decibels, signed } from "./decibels.ts";

/** Damage, and a classical filter that suits it. */
const ROWS: readonly (readonly [recipe: string, filter: string])[] = [
  ["blur:1.5", "unsharp:1:3"],
  ["gaussian:25", "nlm"],
  ["blur:1,salt-pepper:0.01", "switching-mean+unsharp"],
  ["salt-pepper:0.02,blur:1.5", "median+unsharp:1:3"],
  ["none", "median"],
  ["salt-pepper:0.01", "switching-mean"],
  ["jpeg:30", "bilateral"],
  ["photo", "bilateral"],
];

const USAGE =
  "deno run -A tools/model_figures.ts MODEL PHOTOS... [--damages RECIPES] [--rows N] [--luma] [--filters] [--self-ensemble] [--strengths LIST]";

const { positionals: [model, ...folders], values } = readArguments(USAGE, {
  allowPositionals: true,
  options: {
    damages: { type: "string" },
    rows: { type: "string" },
    luma: { type: "boolean" },
    filters: { type: "boolean" },
    "self-ensemble": { type: "boolean" },
    strengths: { type: "string" },
  },
});
if (folders.length === 0) refuse(USAGE);
const strengths = values.strengths?.split(/\s+/).map(Number) ?? [];
const wrong = strengths.find((strength) => !(strength >= 0 && strength <= 1));
if (wrong !== undefined) refuse(USAGE, `--strengths takes numbers from 0 to 1, got ${values.strengths}`);
const count = values.rows === undefined ? ROWS.length : wholeNumber(USAGE, "--rows", values.rows);
const withExact = ({ psnr, exact }: Scores) =>
  decibels(psnr) + (exact && psnr !== Infinity ? ` (without ${exact} exact)` : "");
using opened = await openChain(
  await chooseModels({ model }),
  (chosen) => openNetwork(chosen.model, "auto", { cpu: cpuNetwork }),
);
for (const notice of opened.notices) console.error(notice);
const heads = ["photos", "damage", "damaged, dB", "restored, dB", "gain, dB"];
if (values.luma) heads.push("on Y");
heads.push("SSIM before → after", "colour shift", ...(values.filters ? ["filter, dB"] : []));
if (values["self-ensemble"]) heads.push("self-ensemble, dB");
heads.push(...strengths.map((strength) => `strength ${strength}, dB`));
console.log(`| ${heads.join(" | ")} |\n|${" --- |".repeat(heads.length)}`);
const rows = values.damages?.split(/\s+/).map((recipe) => [recipe, "median"] as const) ??
  ROWS.slice(0, count);
for (const data of folders) {
  for (const [recipe, filter] of rows) {
    const restorers = [
      networkRestorer("model", opened.networks),
      ...(values.filters ? parseRestorers(filter) : []),
      ...(values["self-ensemble"]
        ? [networkRestorer("self-ensemble", opened.networks, { selfEnsemble: true })]
        : []),
      ...strengths.map((strength) => networkRestorer(`${strength}`, opened.networks, { strength })),
    ];
    const { mean, photos } = await evaluateFolder({ data, recipe, seed: 1, restorers });
    const [network, ...others] = mean.restored;
    const classical = values.filters ? others.shift() : undefined;
    // Photos that came back exact are in the one mean and not in the other.
    const comparable = Number.isFinite(mean.degraded.psnr) &&
      (!network.exact || network.psnr === Infinity);
    const gain = comparable ? signed(network.psnr - mean.degraded.psnr) : "";
    const lumaGain = comparable ? ` (${signed(network.psnrY - mean.degraded.psnrY)})` : "";
    const cells = [
      `${data.split("/").filter(Boolean).at(-1)} (${photos.length})`,
      recipe === "none" ? "none (clean)" : `\`${recipe}\``,
      ...[decibels(mean.degraded.psnr), withExact(network), gain],
      ...(values.luma ? [[mean.degraded.psnrY, network.psnrY].map(decibels).join(" → ") + lumaGain] : []),
      `${mean.degraded.ssim.toFixed(3)} → ${network.ssim.toFixed(3)}`,
      network.shift.toFixed(2),
      ...(classical ? [`${withExact(classical)} \`${filter}\``] : []),
      ...others.map(withExact),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}
