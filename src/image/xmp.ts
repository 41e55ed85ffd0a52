/** XMP packets (ISO 16684-1): just what must change because the photo has. */

/** A copy of an XMP packet that no longer asks for a rotation (`tiff:Orientation`, as attribute or element). */
export function uprightXmp(xmp: Uint8Array): Uint8Array {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(xmp);
  const upright = text
    .replace(/(tiff:Orientation\s*=\s*)(["'])\s*[2-8]\s*\2/g, "$1$21$2")
    .replace(/(<tiff:Orientation[^>]*>)\s*[2-8]\s*(<\/tiff:Orientation>)/g, "$11$2");
  return upright === text ? xmp : new TextEncoder().encode(upright);
}

/** What phones write into a photo that has a video behind it (`GCamera:MotionPhoto`, formerly `MicroVideo`). */
const MOTION = /(\b(?:GCamera|Camera):(?:MotionPhoto|MicroVideo)\s*=\s*)(["'])\s*1\s*\2/g;

/** True where the packet says that a video follows the photo. */
export function hasMotion(xmp: Uint8Array): boolean {
  return new TextDecoder().decode(xmp).search(MOTION) >= 0;
}

/** A copy of an XMP packet that no longer promises a video. */
export function stillXmp(xmp: Uint8Array): Uint8Array {
  if (!hasMotion(xmp)) return xmp;
  return new TextEncoder().encode(
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(xmp).replace(MOTION, "$1$20$2"),
  );
}

/** A copy of an XMP packet that no longer promises more XMP beyond itself (`xmpNote:HasExtendedXMP`), as a JPEG file may have. */
export function wholeXmp(xmp: Uint8Array): Uint8Array {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(xmp);
  const whole = text
    .replace(/\s+xmpNote:HasExtendedXMP\s*=\s*(["'])[^"'<>]*\1/g, "")
    .replace(/<xmpNote:HasExtendedXMP>[^<]*<\/xmpNote:HasExtendedXMP>/g, "");
  return whole === text ? xmp : new TextEncoder().encode(whole);
}

/** A copy of an XMP packet that tells another size of the photo (`tiff:ImageWidth`, `exif:PixelXDimension` and their like), where it tells one. */
export function resizedXmp(xmp: Uint8Array, width: number, height: number): Uint8Array {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(xmp);
  const told = [["tiff:ImageWidth|exif:PixelXDimension", width], [
    "tiff:ImageLength|exif:PixelYDimension",
    height,
  ]];
  const resized = told.reduce((packet: string, [names, value]) =>
    packet
      .replace(new RegExp(`((?:${names})\\s*=\\s*)(["'])\\s*\\d+\\s*\\2`, "g"), `$1$2${value}$2`)
      .replace(new RegExp(`(<(?:${names})>)\\s*\\d+\\s*(</)`, "g"), `$1${value}$2`), text);
  return resized === text ? xmp : new TextEncoder().encode(resized);
}
