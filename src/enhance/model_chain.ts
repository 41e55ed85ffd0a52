/** Which models enhance a photo, by name and enlargement alone: the same rules on the command line and in the web page. */

/** A model by its name and by how many times larger each side comes out of it. */
export interface ModelScale {
  readonly name: string;
  readonly scale: number;
}

/**
 * Names of the models that a photo goes through, in order. Without a scale it is the one asked for. With one, it is the shipped
 * model of that enlargement (`upscale2x` twice where there is no `upscale4x`) after the one asked for, where that only restores; or
 * that one itself, once or twice, where it enlarges.
 *
 * @param first the model asked for; undefined where only the enlargement was.
 * @param scale by how much to enlarge: 1, 2 or 4.
 * @param shipped names of the shipped models.
 * @returns undefined where nothing fits.
 */
export function modelChain(
  first: ModelScale | undefined,
  scale: number | undefined,
  shipped: readonly string[],
): string[] | undefined {
  if (!first) return scale === undefined ? undefined : upscalers(scale, shipped);
  if (scale === undefined || scale === first.scale) return [first.name];
  if (first.scale === 1) {
    const rest = upscalers(scale, shipped);
    return rest && [first.name, ...rest];
  }
  return first.scale ** 2 === scale ? [first.name, first.name] : undefined;
}

function upscalers(scale: number, shipped: readonly string[]): string[] | undefined {
  if (shipped.includes(`upscale${scale}x`)) return [`upscale${scale}x`];
  return scale === 4 && shipped.includes("upscale2x") ? ["upscale2x", "upscale2x"] : undefined;
}
