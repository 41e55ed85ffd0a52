/** Says in sentences what the figures say. Nothing here knows how the trials went: other figures give other sentences. */
import { aboutPatches } from "./patch_narrative.ts";
import type { TrialResult, TrialsReport } from "./results.ts";
import { ALIKE, decibels, signed } from "./wording.ts";

export interface Narrative {
  /** The most important findings, over all trials. */
  readonly summary: readonly string[];
  /** By trial. */
  readonly trials: readonly (readonly string[])[];
  readonly transfer: readonly string[];
  readonly colour: readonly string[];
  /** Empty where the methods by patches were left out. */
  readonly patches: readonly string[];
}

/** Above this the low and the high side are so alike that there is nothing to learn, dB. */
const NOTHING_TO_LEARN = 45;
/** Tints and changes of brightness below this are not worth a word, units of 1/255. */
const VISIBLE_SHIFT = 0.5;

/** What the U-Net adds to the low side, dB; −∞ where the low side is equal to the original. */
export function gainOf({ low, methods }: TrialResult): number {
  return methods[0].summary.psnr.mean - low.psnr.mean;
}

/** All sentences about a report. */
export function narrate(report: TrialsReport): Narrative {
  const { trials } = report;
  return {
    summary: [...summarise(trials), ...mended(report)],
    trials: trials.map(aboutTrial),
    transfer: aboutTransfer(report),
    colour: trials.map(aboutColour),
    patches: aboutPatches(trials),
  };
}

function summarise(trials: readonly TrialResult[]): string[] {
  const ranked = trials.filter((trial) => Number.isFinite(gainOf(trial))).sort((a, b) =>
    gainOf(b) - gainOf(a)
  );
  const sentences = trials.filter(({ low }) => low.psnr.mean > NOTHING_TO_LEARN).map((
    { number, low, methods },
  ) =>
    `In trial ${number} there is nothing to learn: the low side is at ${
      decibels(low.psnr.mean)
    } dB before any ` +
    `network has touched it, and at ${decibels(methods[0].summary.psnr.mean)} dB after.`
  );
  if (ranked.length === 0) return sentences;
  const [best, worst] = [ranked[0], ranked[ranked.length - 1]];
  const gains = ranked.filter((trial) => gainOf(trial) >= ALIKE);
  sentences.push(
    gains.length === 0
      ? `No network makes its pictures better: the best, that of trial ${best.number}, changes them by ${
        signed(gainOf(best))
      } dB.`
      : `The network of trial ${best.number} gains most on its own damage: ${
        decibels(best.low.psnr.mean)
      } dB become ${decibels(best.methods[0].summary.psnr.mean)} dB (${signed(gainOf(best))}).`,
  );
  if (worst !== best && gains.length > 0) {
    sentences.push(
      `That of trial ${worst.number} ${gainOf(worst) >= ALIKE ? "gains least" : "gains nothing"}: ${
        signed(gainOf(worst))
      } dB, from ${decibels(worst.low.psnr.mean)} dB.`,
    );
  }
  return sentences;
}

/** Whether the fourth trial mends the third, and what of it is the network's doing rather than the milder damage's. */
function mended({ trials, transfer }: TrialsReport): string[] {
  const [third, fourth] = [trials[2], trials[3]];
  const [before, after] = [gainOf(third), gainOf(fourth)];
  const more = after - before;
  const verdict = after >= ALIKE && more >= ALIKE
    ? `The fourth trial mends the third: its gain is ${signed(after)} dB where that of the third is ${
      signed(before)
    } dB`
    : more >= ALIKE
    ? `The fourth trial is better than the third but not yet good: ${signed(after)} dB against ${
      signed(before)
    } dB`
    : `The fourth trial does not mend the third: its gain is ${signed(after)} dB, that of the third ${
      signed(before)
    } dB`;
  const milder = fourth.low.psnr.mean - third.low.psnr.mean;
  const damage = Math.abs(milder) < ALIKE
    ? "on damage that is as strong"
    : `on damage that is ${milder > 0 ? "milder" : "stronger"} by ${Math.abs(milder).toFixed(2)} dB`;
  const onThird = transfer[3][2] - transfer[2][2];
  const onFourth = transfer[3][3] - transfer[2][3];
  const fair = (difference: number, where: string) =>
    Math.abs(difference) < ALIKE
      ? `on ${where} both networks do alike`
      : `on ${where} its network is ${Math.abs(difference).toFixed(2)} dB ${
        difference > 0 ? "better" : "worse"
      } than the third's`;
  return [
    `${verdict}, ${damage}.`,
    `On the same pictures: ${fair(onThird, "the third trial's damage")} (${decibels(transfer[3][2])} and ${
      decibels(transfer[2][2])
    } dB), and ${fair(onFourth, "the fourth's")} (${decibels(transfer[3][3])} and ${
      decibels(transfer[2][3])
    } dB).`,
  ];
}

function aboutTrial(trial: TrialResult): string[] {
  const { low, methods, photos } = trial;
  const [{ summary: network }] = methods;
  const gain = gainOf(trial);
  const sentences: string[] = [];
  if (low.psnr.mean > NOTHING_TO_LEARN) {
    sentences.push(
      `Low and high are ${
        low.psnr.mean === Infinity ? "the same pictures" : `more than ${NOTHING_TO_LEARN} dB apart`
      }: a network has nothing to learn here, and can only lose.`,
    );
  }
  if (low.psnr.mean === Infinity) {
    sentences.push(
      `What it predicts is ${decibels(network.psnr.mean)} dB (± ${
        network.psnr.deviation.toFixed(2)
      }) from the original: so much it loses on a picture that was right.`,
    );
  } else {
    const better = photos.filter(({ degraded, restored }) => restored[0].psnr > degraded.psnr).length;
    const what = Math.abs(gain) < ALIKE
      ? "leaves the pictures as they are"
      : `makes the pictures ${gain > 0 ? "better" : "worse"}`;
    sentences.push(
      `The network ${what}: ${decibels(low.psnr.mean)} → ${decibels(network.psnr.mean)} dB (${
        signed(gain)
      }); ` +
        `it is better on ${better} of ${photos.length} photos.`,
    );
    const similar = network.ssim.mean - low.ssim.mean;
    if (Math.abs(gain) >= ALIKE && Math.abs(similar) >= 0.005 && Math.sign(similar) !== Math.sign(gain)) {
      sentences.push(
        `SSIM says otherwise: ${low.ssim.mean.toFixed(3)} → ${network.ssim.mean.toFixed(3)}.`,
      );
    }
  }
  return sentences;
}

function aboutTransfer({ trials, transfer }: TrialsReport): string[] {
  const best = trials.map((_, damage) =>
    transfer.reduce((found, row, network) => row[damage] > transfer[found][damage] ? network : found, 0)
  );
  const sentences: string[] = [];
  if (best.every((network, damage) => network === damage)) {
    sentences.push("Each network is the best one on the damage that it was trained on.");
  } else if (new Set(best).size === 1) {
    sentences.push(`The network of trial ${best[0] + 1} is the best one on every damage.`);
  } else {
    best.forEach((network, damage) => {
      if (network === damage) return;
      const [own, other] = [transfer[damage][damage], transfer[network][damage]];
      sentences.push(
        `On the damage of trial ${damage + 1} the network of trial ${network + 1} (${
          decibels(other)
        } dB) is ahead of its own (${decibels(own)} dB).`,
      );
    });
  }
  trials.forEach((trial, number) => {
    const others = trials.map((_, damage) => damage).filter((damage) =>
      damage !== number && Number.isFinite(trials[damage].low.psnr.mean)
    );
    const helped = others.filter((damage) =>
      transfer[number][damage] - trials[damage].low.psnr.mean >= ALIKE
    );
    if (others.length === 0) return;
    const on = (damages: readonly number[]) => damages.map((damage) => damage + 1).join(", ");
    const changes = (damages: readonly number[]) =>
      damages.map((damage) => signed(transfer[number][damage] - trials[damage].low.psnr.mean)).join(", ");
    const harmed = others.filter((damage) => !helped.includes(damage));
    sentences.push(
      helped.length === 0
        ? `What trial ${trial.number} has learned helps on no other trial's damage (${on(others)}: ${
          changes(others)
        } dB).`
        : `What trial ${trial.number} has learned also helps on the damage of ${on(helped)} (${
          changes(helped)
        } dB)${harmed.length > 0 ? `, not on that of ${on(harmed)} (${changes(harmed)} dB)` : ""}.`,
    );
  });
  return sentences;
}

const CHANNELS = ["red", "green", "blue"] as const;
/** What a channel's lack looks like. */
const OPPOSITES = ["cyan", "magenta", "yellow"] as const;

/** The tint of a mean change of R, G and B: which channel stands out from their mean, and by how much (1/255). */
export function tintOf(shift: readonly [number, number, number]): { colour: string; amount: number } {
  const mean = (shift[0] + shift[1] + shift[2]) / 3;
  const apart = shift.map((value) => value - mean);
  const channel = apart.reduce((found, value, i) => Math.abs(value) > Math.abs(apart[found]) ? i : found, 0);
  return {
    colour: apart[channel] >= 0 ? CHANNELS[channel] : OPPOSITES[channel],
    amount: Math.abs(apart[channel]),
  };
}

function aboutColour({ number, low, methods }: TrialResult): string {
  const shift = methods[0].summary.channelShift;
  const { colour, amount } = tintOf(shift);
  const brightness = (shift[0] + shift[1] + shift[2]) / 3;
  const figures = `R ${signed(shift[0])}, G ${signed(shift[1])}, B ${signed(shift[2])} of 255`;
  const before = tintOf(low.channelShift);
  const tint = amount < VISIBLE_SHIFT
    ? "no tint worth the name"
    : `a ${colour} tint of ${amount.toFixed(2)}${
      before.amount >= VISIBLE_SHIFT && before.colour === colour ? ", which the low side has too" : ""
    }`;
  const light = Math.abs(brightness) < VISIBLE_SHIFT
    ? ""
    : `, and is ${brightness > 0 ? "brighter" : "darker"} by ${Math.abs(brightness).toFixed(2)}`;
  return `Trial ${number}: the prediction has ${tint}${light} (${figures}).`;
}
