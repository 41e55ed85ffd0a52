/** Density in TIFF files (TIFF 6.0), whose writer cannot leave it out. */

const RESOLUTION_UNIT = 296;
const NONE = 1;

/** Changes a little-endian TIFF file so that its resolution is but the shape of a pixel, without a unit. */
export function unsayTiffDensity(file: Uint8Array): void {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const directory = view.getUint32(4, true);
  for (let i = 0; i < view.getUint16(directory, true); i++) {
    const at = directory + 2 + 12 * i;
    if (view.getUint16(at, true) === RESOLUTION_UNIT) view.setUint16(at + 8, NONE, true);
  }
}
