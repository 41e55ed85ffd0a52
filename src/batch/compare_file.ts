/** The file that shows a photo before and after. */
import { encodePhoto } from "../image/encode.ts";
import type { Photo } from "../image/photo.ts";
import { compareAnimation } from "./compare_animation.ts";
import { compareSheet } from "./compare_sheet.ts";
import { enlargeBicubic } from "../enhance/enlarge.ts";
import type { CompareKind } from "../image/output_name.ts";

/** The bytes of a sheet (PNG) or an animation (GIF). */
export async function compareFile(before: Photo, after: Photo, kind: CompareKind): Promise<Uint8Array> {
  if (kind === "gif") return await compareAnimation(before, after);
  const scale = after.width / before.width;
  const sheet = scale === 1
    ? await compareSheet(before, after)
    : await compareSheet(enlargeBicubic(before, scale), after, { labels: ["bicubic", "after"] });
  return await encodePhoto(sheet, { format: "png" });
}
