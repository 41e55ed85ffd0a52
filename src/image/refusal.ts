/** Why photos are refused, in a person's words: what to do is part of it. */
import type { Metadata } from "sharp";

/** Why these samples cannot be taken though the image library opens the file; undefined where they can. */
export function refusal({ depth, channels, space }: Metadata): string | undefined {
  // Lab has signed colours.
  if (depth !== "uchar" && depth !== "ushort" && space !== "labs") {
    return `its samples are of type ${depth}; convert it to 8 or 16 bits`;
  }
  return channels > (space === "cmyk" ? 5 : 4)
    ? `${channels} channels instead of 1 to 4; convert it to PNG`
    : undefined;
}

/** What a message of the image library means, where that takes knowing the library. */
export function plainReason(message: string): string | undefined {
  if (message.includes("bad labq format")) return "Lab of 8 bits is not supported; convert it to RGB";
  const compression = /(\S+) compression support is not configured|Compression scheme (\d+).*not implemented/i
    .exec(message);
  if (!compression) return undefined;
  const kind = compression[1] ?? `number ${compression[2]}`;
  return `its compression (${kind}) is not supported; save it with deflate or LZW`;
}
