/** What a tuner has chosen for convolutions: a plain table from layers to versions of the kernels. Pure. */
import {
  CONV_VARIANTS,
  type ConvLayer,
  type ConvRole,
  type ConvVariant,
  runs,
  type SettledVariant,
} from "./conv2d_variant.ts";

/** A choice holds for sizes up to so many times as large or as small as the one that was measured: tiles differ from photo to photo. */
const NEAR = 4;

/** The name of a layer in a role, as a table of choices has it: `forward 8×64×64 4→8 3×3 /1`, channels in vec4s, ` f16` behind it where that is what is stored. */
export function choiceKey(layer: ConvLayer, role: ConvRole): string {
  const { batch, height, width, in4, out4, kernel, stride, half } = layer;
  return `${role} ${batch}×${height}×${width} ${in4}→${out4} ${kernel}×${kernel} /${stride}${
    half ? " f16" : ""
  }`;
}

/** The layer and role of a name, or undefined where it is none. */
export function parseChoiceKey(key: string): { layer: ConvLayer; role: ConvRole } | undefined {
  const match = /^([a-z-]+) (\d+)×(\d+)×(\d+) (\d+)→(\d+) (\d)×\d \/(\d)( f16)?$/.exec(key);
  if (!match) return undefined;
  const [batch, height, width, in4, out4, kernel, stride] = match.slice(2, 9).map(Number);
  const role = match[1] as ConvRole;
  const layer: ConvLayer = {
    ...{ batch, height, width, in4, out4, kernel: kernel as 1 | 3, stride: stride as 1 | 2 },
    ...(match[9] ? { half: true } : {}),
  };
  return choiceKey(layer, role) === key ? { layer, role } : undefined;
}

/** Whether a name is that of a version that is not left open. */
export function isSettled(variant: unknown): boolean {
  return variant !== "auto" && (CONV_VARIANTS as readonly unknown[]).includes(variant);
}

/**
 * The version that was chosen for a layer in a role: measured at its very size, or else at the nearest one of the same channels, kernel and
 * stride with up to four times as many pixels or as few; `auto` where there is none.
 */
export function tunedVariant(
  choices: ReadonlyMap<string, string>,
  layer: ConvLayer,
  role: ConvRole,
): ConvVariant {
  if (choices.size === 0) return "auto";
  const chosen = (choices.get(choiceKey(layer, role)) ?? nearestChoice(choices, layer, role)) as
    | SettledVariant
    | undefined;
  return chosen !== undefined && runs(chosen, layer, role) ? chosen : "auto";
}

function nearestChoice(
  choices: ReadonlyMap<string, string>,
  layer: ConvLayer,
  role: ConvRole,
): string | undefined {
  let nearest: { variant: string; distance: number } | undefined;
  for (const [key, variant] of choices) {
    const known = parseChoiceKey(key);
    if (known?.role !== role || !sameKind(known.layer, layer)) continue;
    const distance = Math.abs(Math.log(pixelsOf(known.layer) / pixelsOf(layer)));
    if (distance <= Math.log(NEAR) && distance < (nearest?.distance ?? Infinity)) {
      nearest = { variant, distance };
    }
  }
  return nearest?.variant;
}

function sameKind(a: ConvLayer, b: ConvLayer): boolean {
  return a.in4 === b.in4 && a.out4 === b.out4 && a.kernel === b.kernel && a.stride === b.stride &&
    a.half === b.half;
}

function pixelsOf({ batch, height, width }: ConvLayer): number {
  return batch * height * width;
}
