/** The models that the package ships, each with what it is for: the same words on the command line and in the web page. */

/** By name. A test holds the names equal to those of the folder models/. */
export const MODEL_PURPOSES: Readonly<Record<string, string>> = {
  denoise: "noise alone, of unknown strength",
  fast: "what photo does, with a quarter of the work and less gain",
  impulse: "black and white specks in PNG or TIFF, not in JPEG; every other pixel stays as it is",
  "impulse-channels": "specks that hit red, green and blue each on its own; every other value stays as it is",
  jpeg: "artefacts of JPEG alone, of unknown quality",
  photo: "blur, noise, specks and JPEG, without being told which: the default",
  upscale2x: "twice the size each way, for clean small photos",
};

/** What the package ships, sorted, for where a folder cannot be listed (https, Node, browsers). */
export const SHIPPED_MODELS: readonly string[] = Object.keys(MODEL_PURPOSES).sort();
