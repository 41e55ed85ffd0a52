/** Which photos are refused though the image library opens them: what it would make of their samples is no photo. */
import type { Metadata } from "sharp";

/** Why these samples cannot be taken and what to do, in a person's words; undefined where they can. */
export function refusal({ depth, channels, space }: Metadata): string | undefined {
  if (depth !== "uchar" && depth !== "ushort") {
    return `its samples are of type ${depth}; convert it to 8 or 16 bits`;
  }
  return channels > (space === "cmyk" ? 5 : 4)
    ? `${channels} channels instead of 1 to 4; convert it to PNG`
    : undefined;
}
