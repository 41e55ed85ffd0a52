/** Says in sentences how Isomap and the other methods by patches did, by how much, and why. */
import type { MethodResult, TrialResult } from "./results.ts";
import { ALIKE, decibels, signed, thousands } from "./wording.ts";

const RIVALS = [["U-Net", "the U-Net"], ["PCA + neighbours", "PCA"], [
  "neighbours",
  "plain neighbours",
]] as const;

const named = (trial: TrialResult, name: string) => trial.methods.find((method) => method.name === name)!;
const psnr = ({ summary }: MethodResult) => summary.psnr.mean;

/** Empty where the methods were left out. */
export function aboutPatches(trials: readonly TrialResult[]): string[] {
  if (!trials.every(({ methods }) => methods.length > 1)) return [];
  return [...againstRivals(trials), ...trials.flatMap(why), cost(trials)];
}

function againstRivals(trials: readonly TrialResult[]): string[] {
  const numbers = trials.map(({ number }) => number).join(", ");
  return RIVALS.map(([rival, label]) => {
    const ahead = trials.map((trial) => psnr(named(trial, "Isomap")) - psnr(named(trial, rival)));
    const wins = ahead.filter((difference) => difference >= ALIKE).length;
    const losses = ahead.filter((difference) => difference <= -ALIKE).length;
    const verdict = losses > wins ? "loses to" : wins > losses ? "beats" : "is on a par with";
    return `Isomap ${verdict} ${label}: ahead in ${wins} of ${trials.length} trials, behind in ${losses} (${
      ahead.map((difference) => signed(difference)).join(", ")
    } dB in trials ${numbers}).`;
  });
}

/** What Isomap's distance from the U-Net is made of: the choice of neighbours, and what they are good for at best. */
function why(trial: TrialResult): string[] {
  if (!trial.informed || !trial.isomap) return [];
  const [network, manifold, direct] = ["U-Net", "Isomap", "neighbours"].map((name) =>
    psnr(named(trial, name))
  );
  const informed = trial.informed.psnr.mean;
  const behind = network - manifold;
  const choice = informed - manifold;
  const memory = network - informed;
  const start = Math.abs(behind) < ALIKE
    ? "Isomap and the U-Net are level"
    : `Isomap is ${Math.abs(behind).toFixed(2)} dB ${behind > 0 ? "behind" : "ahead of"} the U-Net`;
  const chosen = choice >= ALIKE
    ? `its choice of neighbours costs ${
      choice.toFixed(2)
    } dB, for those that are nearest to the original would give ${decibels(informed)} dB`
    : `its choice of neighbours costs nothing, for those that are nearest to the original give ${
      decibels(informed)
    } dB`;
  const remembered = memory >= ALIKE
    ? `, and even so ${
      memory.toFixed(2)
    } dB would be missing: the remembered patches do not hold what the network makes`
    : "";
  const kept = `${(100 * trial.isomap.kept).toFixed(0)} %`;
  const embedding = direct - manifold >= ALIKE
    ? `Against the same patches compared pixel by pixel the embedding loses ${
      (direct - manifold).toFixed(2)
    } dB: of a patch's ten nearest it keeps ${kept} among the ten nearest`
    : `Against the same patches compared pixel by pixel the embedding loses nothing (${
      signed(manifold - direct)
    } dB), and of a patch's ten nearest it keeps ${kept} among the ten nearest`;
  return [`Trial ${trial.number}: ${start}; ${chosen}${remembered}. ${embedding}.`];
}

function cost(trials: readonly TrialResult[]): string {
  const mean = (name: string, pick: (method: MethodResult) => number) =>
    trials.reduce((sum, trial) => sum + pick(named(trial, name)), 0) / trials.length;
  const [[manifold, network], [macs, networkMacs], [embedding, training]] = [
    ({ cost }: MethodResult) => cost.secondsPerMegapixel,
    ({ cost }: MethodResult) => cost.macsPerPixel,
    ({ cost }: MethodResult) => cost.prepareSeconds,
  ].map((pick) => ["Isomap", "U-Net"].map((name) => mean(name, pick)));
  const ratio = manifold / network;
  return `A megapixel takes Isomap ${manifold.toFixed(1)} s and the U-Net ${network.toFixed(1)} s (${
    ratio >= 1 ? `${ratio.toFixed(1)} times as long` : `${(1 / ratio).toFixed(1)} times as fast`
  }), for ${thousands(macs)} and ${thousands(networkMacs)} multiply-adds a pixel; being ready takes ${
    embedding.toFixed(0)
  } s of embedding against ${training.toFixed(0)} s of training.`;
}
