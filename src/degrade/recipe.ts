/** Degradation recipes: a small text that says what is done to a clean photo, and the concrete steps drawn from it. */
import { UserError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";

/** Name of a step, as a recipe writes it. */
export type StepName =
  | "blur"
  | "gaussian"
  | "gaussian-grey"
  | "grain"
  | "camera"
  | "salt-pepper"
  | "salt-pepper-channels"
  | "filled"
  | "jpeg"
  | "downscale"
  | "shrink";

/**
 * One concrete damage. `strength` is, by name: `blur` the gaussian's sigma in pixels; `gaussian` the noise's sigma in
 * units of 0..255; `gaussian-grey` the same of noise that all channels of a pixel have in common; `grain` of noise that is coarser than a pixel, as cameras leave it in their JPEGs; `camera` of a sensor's noise at mid-grey, brought through a camera's processing; `salt-pepper` the share 0..1 of pixels turned black or white;
 * `salt-pepper-channels` the share 0..1 of values turned to 0 or 255, every channel by itself; `filled` the share 0..1 of pixels lost and filled from
 * their neighbours, as a filter leaves them where impulses were; `jpeg` the quality 1..100;
 * `downscale` the factor by which the photo is shrunk and enlarged again; `shrink` the whole factor by which it becomes smaller and
 * stays so (bicubic with antialiasing, as MATLAB's imresize): what a model that enlarges learns to undo.
 */
export interface Step {
  /** Which damage. */
  readonly name: StepName;
  /** How much of it; the unit depends on `name`. */
  readonly strength: number;
}

/** A parsed recipe. */
export interface Recipe {
  /** The recipe spelled out, presets resolved; `parseRecipe(text)` gives the same recipe again. */
  readonly text: string;
  /** The preset's name where one was asked for, else `text`. */
  readonly name: string;
  /** How many times smaller each side of the photo comes out: the product of its `shrink` steps, 1 without one. */
  readonly scale: number;
  /** Draws the steps for one photo, in order; depends on `random` alone. */
  sample(random: Random): Step[];
}

/** A step with the range that its strength is drawn from, uniformly. */
interface StepRange {
  /** Which damage. */
  readonly name: StepName;
  readonly low: number;
  readonly high: number;
  /** In a mix: how often it is the first damage drawn, relative to the others. */
  readonly weight: number;
}

/** Recipe items run in order; a mix draws its steps' presence and order. */
type Item = { readonly step: StepRange } | { readonly mix: readonly StepRange[] };

/** Strengths that each step takes, and what they mean: for messages and checks. */
const allowed: Readonly<Record<StepName, { low: number; high: number; meaning: string; example: string }>> = {
  blur: { low: 0, high: 20, meaning: "sigma in pixels", example: "blur:0.5-2" },
  gaussian: { low: 0, high: 255, meaning: "sigma of the noise", example: "gaussian:25" },
  "gaussian-grey": {
    low: 0,
    high: 255,
    meaning: "sigma of noise without colour",
    example: "gaussian-grey:15",
  },
  grain: { low: 0, high: 255, meaning: "sigma of coarse noise", example: "grain:10" },
  camera: { low: 0, high: 255, meaning: "sigma of a camera's noise at mid-grey", example: "camera:10" },
  "salt-pepper": { low: 0, high: 1, meaning: "share of the pixels", example: "salt-pepper:0.01" },
  "salt-pepper-channels": {
    low: 0,
    high: 1,
    meaning: "share of each channel's values",
    example: "salt-pepper-channels:0.01",
  },
  filled: {
    low: 0,
    high: 1,
    meaning: "share of the pixels, filled from their neighbours",
    example: "filled:0.3",
  },
  jpeg: { low: 1, high: 100, meaning: "quality", example: "jpeg:30-90" },
  downscale: { low: 1, high: 16, meaning: "factor", example: "downscale:2" },
  shrink: { low: 2, high: 4, meaning: "whole factor, the photo stays small", example: "shrink:2" },
};

/**
 * Recipes with a name. `photo` is the blind mix that the shipped model is trained on, but for the weights; `impulse` what fills holes and does nothing else.
 *
 * @example
 * ```ts
 * import { recipePresets } from "@clairnet/clairnet";
 *
 * console.log(Object.keys(recipePresets).includes("photo")); // true
 * ```
 */
export const recipePresets: Readonly<Record<string, string>> = {
  none: "none",
  trial1: "none",
  trial2: "blur:1-2",
  trial3: "salt-pepper:0.02,blur:2-3",
  // Milder than the third, and of several kinds: as often in its order as in the other, or a single damage.
  trial4:
    "salt-pepper:0-0.01,blur:0.5-1.5 | blur:0.5-1.5,salt-pepper:0-0.02 | mix(blur:0.5-1.5,salt-pepper:0-0.02,gaussian:0-15)",
  // What is hard to undo comes more often: strong noise, a camera's, strong compression, impulses under blur, impulses that were filled
  // before (as `impulse` fills them over blur), and impulses that were saved as JPEG.
  photo:
    "6*mix(blur:0-2*5,gaussian:0-40*4,gaussian-grey:0-30*2,grain:0-20*3,camera:0-20*3,salt-pepper:0-0.1,jpeg:15-100*6) | " +
    "2*gaussian:10-30 | grain:5-25 | 2*camera:1-20 | camera:1-15,jpeg:75-100 | 2*jpeg:15-70 | salt-pepper:0-0.4 | 2*blur:0-2,salt-pepper:0-0.3 | blur:0-2,filled:0-0.4 | 3*salt-pepper:0-0.03,blur:0.5-2 | " +
    "salt-pepper:0.03-0.35,blur:0.5-2 | 2*blur:0-2,salt-pepper:0-0.1,jpeg:60-100 | none",
  // Impulses alone: with a blur before them, a network that keeps good pixels would learn to fill holes sharper than what surrounds them.
  impulse: "3*salt-pepper:0-0.05 | 4*salt-pepper:0.05-0.6",
};

/** Share of the photos that a mix leaves clean, so that a model learns to leave good photos alone. */
const CLEAN_SHARE = 0.1;
/** How often each further step of a mix joins the one that was drawn first. */
const FURTHER_SHARE = 0.2;
/** How often a mix that has a JPEG step puts it last: files are mostly saved after the damage, not before. */
const JPEG_LAST_SHARE = 0.75;

/**
 * Reads a recipe such as `blur:0.5-2,salt-pepper:0.01`: steps in order, each `NAME:STRENGTH` or `NAME:LOW-HIGH`.
 * `mix(STEP,STEP*WEIGHT,…)` leaves a tenth of the photos clean; to the others it does one of its steps, drawn by weight (1 where
 * none is given), and each other step in a fifth of the cases, in random order.
 * `WAY | 2*WAY | …` does one of these to each photo, drawn by weight.
 * A preset's name (`recipePresets`) stands for its text; `none` changes nothing.
 * @throws {UserError} naming the step that is wrong and what is allowed.
 *
 * @example What would be done to one photo
 * ```ts
 * import { parseRecipe, Random } from "@clairnet/clairnet/native";
 *
 * const [blur, noise] = parseRecipe("blur:0.5-2,salt-pepper:0.01").sample(new Random(1));
 * console.log(blur.strength >= 0.5 && blur.strength <= 2, noise.strength); // true 0.01
 * ```
 */
export function parseRecipe(text: string): Recipe {
  const name = text.trim();
  const spelled = Object.hasOwn(recipePresets, name) ? recipePresets[name] : name;
  const ways = spelled.split("|").map((part) => parseAlternative(part.trim(), text));
  const scale = commonScale(ways.map(({ items }) => items), text);
  const total = ways.reduce((sum, { weight }) => sum + weight, 0);
  const spelledOut = ways.map(({ weight, items }) =>
    `${weight === 1 ? "" : `${plain(weight)}*`}${formatItems(items)}`
  ).join(" | ");
  return {
    name: Object.hasOwn(recipePresets, name) ? name : spelledOut,
    text: spelledOut,
    scale,
    sample: (random) => {
      let lot = ways.length > 1 ? random.uniform() * total : 0;
      const { items } = ways.find(({ weight }) => (lot -= weight) < 0) ?? ways[ways.length - 1];
      return items.flatMap((item) =>
        "mix" in item ? sampleMix(item.mix, random) : drawStep(item.step, random)
      );
    },
  };
}

/** One of the ways that a `|` parts: items in order, and how often it is taken relative to the others. */
function parseAlternative(part: string, whole: string): { weight: number; items: Item[] } {
  const weighted = part.match(/^(\d*\.?\d+)\s*\*\s*(.*)$/);
  const weight = weighted ? Number(weighted[1]) : 1;
  if (weight === 0) throw wrong(whole, `'${part}' has the weight 0`);
  const steps = weighted ? weighted[2] : part;
  return {
    weight,
    items: steps === "none" ? [] : splitItems(steps, whole).map((item) => parseItem(item, whole)),
  };
}

/** What the `shrink` steps of every way make together. */
function commonScale(ways: readonly (readonly Item[])[], text: string): number {
  const scales = ways.map((items) =>
    items.reduce((product, item) => {
      if ("mix" in item) {
        if (item.mix.some(({ name }) => name === "shrink")) {
          throw wrong(text, "a mix cannot shrink the photo");
        }
        return product;
      }
      const { name, low, high } = item.step;
      if (name !== "shrink") return product;
      if (low !== high || !Number.isInteger(low)) throw wrong(text, "shrink takes one whole factor");
      return product * low;
    }, 1)
  );
  if (new Set(scales).size > 1) throw wrong(text, "its alternatives shrink the photo differently");
  return scales[0];
}

function drawStep({ name, low, high }: StepRange, random: Random): Step {
  const strength = random.between(low, high);
  return { name, strength: name === "jpeg" ? Math.round(strength) : strength };
}

/** Mostly one damage, so that each is learned by itself, and often enough several at once. */
function sampleMix(steps: readonly StepRange[], random: Random): Step[] {
  if (random.uniform() < CLEAN_SHARE) return [];
  let lot = random.uniform() * steps.reduce((sum, { weight }) => sum + weight, 0);
  const found = steps.findIndex(({ weight }) => (lot -= weight) < 0);
  const first = found < 0 ? steps.length - 1 : found;
  const drawn = random.shuffled(
    steps.filter((_, index) => index === first || random.uniform() < FURTHER_SHARE),
  );
  const jpeg = drawn.findIndex((step) => step.name === "jpeg");
  if (jpeg >= 0 && random.uniform() < JPEG_LAST_SHARE) drawn.push(...drawn.splice(jpeg, 1));
  return drawn.map((step) => drawStep(step, random));
}

/** Splits at the commas that stand outside brackets. */
function splitItems(text: string, whole: string): string[] {
  const parts = text.match(/(?:[^,()]|\([^()]*\))+/g) ?? [];
  if (text.trim() === "") throw wrong(whole, "it is empty or has an empty mix");
  if (parts.join(",") !== text) throw wrong(whole, "a comma or a bracket is misplaced");
  return parts.map((part) => part.trim());
}

function parseItem(part: string, whole: string): Item {
  const mix = part.match(/^mix\((.*)\)$/);
  if (!mix) return { step: parseStep(part, whole) };
  return {
    mix: splitItems(mix[1], whole).map((text) => {
      const weighted = text.match(/^(.*?)\s*\*\s*(\d*\.?\d+)$/);
      if (!weighted) return parseStep(text, whole);
      const weight = Number(weighted[2]);
      if (weight === 0) throw wrong(whole, `'${text}' has the weight 0`);
      return { ...parseStep(weighted[1], whole), weight };
    }),
  };
}

function parseStep(part: string, whole: string): StepRange {
  const match = part.match(/^([a-z-]+)\s*:\s*(\d*\.?\d+)(?:\s*-\s*(\d*\.?\d+))?$/);
  if (!match) throw wrong(whole, `'${part}' is not NAME:STRENGTH or NAME:LOW-HIGH`);
  const [, name, first, second = first] = match;
  if (!Object.hasOwn(allowed, name)) throw wrong(whole, `there is no step '${name}'`);
  const limits = allowed[name as StepName];
  const low = Number(first);
  const high = Number(second);
  if (low > high) throw wrong(whole, `'${part}' has its range the wrong way round`);
  if (low < limits.low || high > limits.high) {
    throw wrong(whole, `'${part}' is outside ${limits.low}..${limits.high} (${limits.meaning})`);
  }
  return { name: name as StepName, low, high, weight: 1 };
}

function formatItems(items: readonly Item[]): string {
  const step = ({ name, low, high, weight }: StepRange) =>
    `${name}:${low === high ? plain(low) : `${plain(low)}-${plain(high)}`}${
      weight === 1 ? "" : `*${plain(weight)}`
    }`;
  return items.map((item) => "mix" in item ? `mix(${item.mix.map(step).join(",")})` : step(item.step)).join(
    ",",
  ) || "none";
}

/** A number without an exponent, which a recipe could not read back. */
function plain(value: number): string {
  return String(value).includes("e") ? value.toFixed(20).replace(/\.?0+$/, "") : String(value);
}

function wrong(whole: string, why: string): UserError {
  const steps = Object.values(allowed).map(({ example, meaning, low, high }) =>
    `${example} (${meaning}, ${low}..${high})`
  );
  return new UserError(
    `Cannot read the degradation recipe '${whole}': ${why}; steps are ${steps.join(", ")}, ` +
      `joined by commas, as mix(...) or as alternatives parted by |; presets are ${
        Object.keys(recipePresets).join(", ")
      }`,
    { exitCode: 2 },
  );
}
