/** The colour profile to keep with a photo's samples. */
import type { Metadata } from "sharp";
import { codePointsOf, meansDisplayP3, meansSrgb, spaceName } from "./code_points.ts";

/**
 * The embedded profile, unless it is for other channels than the photo has: such a one would only mislead. Where the file names its space by
 * code points instead, a profile of that space, if it is Display P3; sRGB needs none.
 * @param note receives what cannot be kept.
 */
export async function profileOf(
  { icc, format }: Metadata,
  file: Uint8Array,
  oneChannel: boolean,
  note: (text: string) => void,
): Promise<Uint8Array | undefined> {
  if (icc) {
    const space = new TextDecoder("latin1").decode(icc.subarray(16, 20));
    if (space === (oneChannel ? "GRAY" : "RGB ")) return new Uint8Array(icc);
    note(`its colour profile is for "${space.trim()}" and is left out`);
    return undefined;
  }
  const points = codePointsOf(file, format);
  if (!points || meansSrgb(points)) return undefined;
  if (meansDisplayP3(points)) return oneChannel ? undefined : await displayP3();
  note(`its colour space (${spaceName(points)}) cannot be kept: its colours are taken for sRGB`);
  return undefined;
}

/** The image library's own. */
async function displayP3(): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const black = sharp({ create: { width: 1, height: 1, channels: 3, background: "black" } });
  const { icc } = await sharp(await black.withIccProfile("p3").png().toBuffer()).metadata();
  return new Uint8Array(icc!);
}
