/** Which models enhance a photo, by name and enlargement alone: the same rules on the command line and in the web page. */

/** A model by its name and by how many times larger each side comes out of it. */
export interface ModelScale {
  readonly name: string;
  readonly scale: number;
}

/**
 * Names of the models in `A+B`, in the order in which a photo goes through them. A `+` parts names where what stands before it is a whole name:
 * a word, or a path or address that ends in `.safetensors`; so a folder's name may hold one (`runs/a+b/model.safetensors` is one model).
 * A name that is left out comes back empty.
 */
export function chainNames(text: string): string[] {
  const names: string[] = [];
  let begun = "";
  for (const piece of text.split("+")) {
    begun += piece;
    if (/[\\/:]/.test(begun) && !begun.endsWith(".safetensors")) begun += "+";
    else {
      names.push(begun.trim());
      begun = "";
    }
  }
  return begun === "" ? names : [...names, begun.slice(0, -1)];
}

/** How many times larger each side comes out of all of them. */
export function chainScale(models: readonly { readonly scale: number }[]): number {
  return models.reduce((product, { scale }) => product * scale, 1);
}

/**
 * Names of the models that a photo goes through, in order. Without a scale they are those asked for. With one, it is the shipped
 * model of that enlargement (`upscale2x` twice where there is no `upscale4x`) after those asked for, where they only restore; or
 * those themselves, where they enlarge so much; or a single one that enlarges twice.
 *
 * @param wanted the models asked for; none where only the enlargement was.
 * @param scale by how much to enlarge: 1, 2 or 4.
 * @param shipped names of the shipped models.
 * @returns undefined where nothing fits.
 */
export function modelChain(
  wanted: readonly ModelScale[],
  scale: number | undefined,
  shipped: readonly string[],
): string[] | undefined {
  const names = wanted.map(({ name }) => name);
  if (wanted.length === 0) return scale === undefined ? undefined : upscalers(scale, shipped);
  const own = chainScale(wanted);
  if (scale === undefined || scale === own) return names;
  if (own === 1) {
    const rest = upscalers(scale, shipped);
    return rest && [...names, ...rest];
  }
  return names.length === 1 && own ** 2 === scale ? [...names, ...names] : undefined;
}

/** Shipped models that are made for all kinds of damage, or for none, and do little about JPEG's. */
const HELPLESS_WITH_JPEG = new Set(["photo", "fast", "upscale2x", "upscale4x"]);

/**
 * What `--model` has to be so that a strongly compressed JPEG comes out better than from these shipped models: `jpeg` first, then what enlarges.
 * Undefined where one of them is another model.
 */
export function chainForJpeg(names: readonly string[]): string | undefined {
  if (!names.every((name) => HELPLESS_WITH_JPEG.has(name))) return undefined;
  return ["jpeg", ...names.filter((name) => name.startsWith("upscale"))].join("+");
}

function upscalers(scale: number, shipped: readonly string[]): string[] | undefined {
  if (shipped.includes(`upscale${scale}x`)) return [`upscale${scale}x`];
  return scale === 4 && shipped.includes("upscale2x") ? ["upscale2x", "upscale2x"] : undefined;
}
