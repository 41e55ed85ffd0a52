/** A picture through a JPEG file: by the page's own codec in a browser, elsewhere through sharp. */

/**
 * Encodes as JPEG with chroma halved both ways (4:2:0, as most cameras do) and decodes again.
 * @param rgb height·width·3 samples, 0..255; not changed.
 * @param quality 1..100.
 * @returns as many samples. Browsers' codecs differ from sharp's, and among themselves, in the last bits.
 */
export async function jpegRoundTrip(
  rgb: Uint8Array,
  width: number,
  height: number,
  quality: number,
): Promise<Uint8Array> {
  // In the page's bundle jpeg_sharp.ts is left out: what is native must not even be mentioned there.
  // Deno has a canvas too, but not one to draw on.
  const { encodeAndDecode } = "Deno" in globalThis || "process" in globalThis
    ? await import("./jpeg_sharp.ts")
    : await import("./jpeg_canvas.ts");
  return await encodeAndDecode(rgb, width, height, quality);
}
