/** Reads single pictures of a built data set. */
import { UserError } from "../base/errors.ts";
import { type DatasetDescription, pictureName, sideName } from "./dataset_file.ts";
import { decodeRgb } from "./decode.ts";
import { readNpyHeader, readNpyItem } from "./npy.ts";
import type { Picture } from "./picture_writer.ts";

/**
 * @param index 0 ≤ index < count.
 * @returns size·size·3 samples of either side.
 * @throws {UserError} where the set's files cannot be read.
 */
export async function readPicture(
  dir: string,
  description: DatasetDescription,
  index: number,
): Promise<Picture> {
  const { format, size } = description;
  const read = async (side: "high" | "low"): Promise<Uint8Array> => {
    const path = `${dir}/${sideName(side, description)}`;
    if (format === "npy") return await readNpyItem(path, await readNpyHeader(path), index);
    const { width, height, rgb } = await decodeRgb(`${path}/${pictureName(index)}`);
    if (width !== size || height !== size) {
      throw new UserError(
        `The data set's picture '${path}/${pictureName(index)}' is not one of its own: build it again`,
      );
    }
    return rgb;
  };
  return { high: await read("high"), low: await read("low") };
}
