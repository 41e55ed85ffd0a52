/** `jpegRoundTrip` through a browser's own codec; browsers halve the chroma below quality 100. */

/** The part of a browser's 2-D context that is used here: Deno's types have none. */
interface Context2d {
  createImageData(width: number, height: number): ImageData;
  putImageData(image: ImageData, x: number, y: number): void;
  drawImage(image: ImageBitmap, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): ImageData;
}

export async function encodeAndDecode(
  rgb: Uint8Array,
  width: number,
  height: number,
  quality: number,
): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true }) as unknown as Context2d;
  const image = context.createImageData(width, height);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    image.data[to] = rgb[from];
    image.data[to + 1] = rgb[from + 1];
    image.data[to + 2] = rgb[from + 2];
    image.data[to + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  const file = await canvas.convertToBlob({ type: "image/jpeg", quality: quality / 100 });
  const decoded = await createImageBitmap(file);
  context.drawImage(decoded, 0, 0);
  decoded.close();
  const { data } = context.getImageData(0, 0, width, height);
  const result = new Uint8Array(rgb.length);
  for (let from = 0, to = 0; to < result.length; from += 4, to += 3) {
    result[to] = data[from];
    result[to + 1] = data[from + 1];
    result[to + 2] = data[from + 2];
  }
  return result;
}
