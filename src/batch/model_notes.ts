/** What is said of a photo that another model is made for. */
import type { TileNetwork } from "../enhance/network.ts";
import { STRONGLY_COMPRESSED } from "../image/jpeg_quality.ts";
import type { Photo } from "../image/photo.ts";

/** A line for each reason. @param modelForJpeg what to give for `--model` where JPEG is what is wrong with it. */
export function modelNotes(
  photo: Photo,
  networks: readonly TileNetwork[],
  modelForJpeg: string | undefined,
): string[] {
  return [...smearedNote(photo.format, networks), ...compressedNote(photo, modelForJpeg)];
}

/** Formats that move values off the ends of the range, or one channel of a speck and not the others. */
const LOSSY_FORMATS = new Set(["jpeg", "webp", "heif"]);

/** A line where a network that corrects holes or extremes alone gets a photo whose specks are none any more, and none comes after it that removes them. */
function smearedNote(format: string, [{ topology }, ...later]: readonly TileNetwork[]): string[] {
  if (topology.corrects === "all" || !LOSSY_FORMATS.has(format)) return [];
  if (later.some(({ topology }) => topology.corrects === "all" && topology.scale === 1)) return [];
  return [
    "this model fills what is exactly black or white, which compression has blurred here: specks may stay; the model photo removes them",
  ];
}

function compressedNote({ jpegQuality = 100 }: Photo, modelForJpeg: string | undefined): string[] {
  if (modelForJpeg === undefined || jpegQuality >= STRONGLY_COMPRESSED) return [];
  return [
    `it is a JPEG of quality ${jpegQuality} or so: where compression is all that is wrong with it, --model ${modelForJpeg} does more`,
  ];
}
