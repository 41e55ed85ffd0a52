/**
 * Damages a photo by a recipe, as training does, and saves it: `deno run -A tools/damage.ts PHOTO RECIPE OUT.jpg|OUT.png [SEED]`.
 * The pictures in samples/damaged/ were made with it.
 */
import { degrade } from "../src/degrade/degrade.ts";
import { jpegThroughSharp } from "../src/degrade/jpeg_sharp.ts";
import { parseRecipe } from "../src/degrade/recipe.ts";
import { decodePhoto } from "../src/image/decode.ts";
import { writeFileAtomically } from "../src/base/write_file.ts";
import { UserError } from "../src/base/errors.ts";
import { Random } from "../src/base/random.ts";
import { readArguments, refuse, wholeNumber } from "./arguments.ts";
import { runScript } from "./run_script.ts";

/**
 * The damaged photo as a file. A recipe that ends in `jpeg:QUALITY` gives the very JPEG file of that quality (4:2:0, as in
 * `degrade`), not a picture of one; any other recipe gives a PNG, which loses nothing more.
 * @param source bytes of an 8-bit photo.
 * @param recipe what `parseRecipe` reads.
 * @param seed of the noise and of what the recipe draws.
 */
export async function damagedFile(source: Uint8Array, recipe: string, seed: number): Promise<Uint8Array> {
  const { rgb, width, height } = await decodePhoto(source);
  if (rgb instanceof Uint16Array) throw new RangeError("Cannot damage a 16-bit photo");
  const random = new Random(seed);
  const steps = parseRecipe(recipe).sample(random);
  const last = steps.at(-1);
  const file = last?.name === "jpeg" ? steps.slice(0, -1) : steps;
  const pixels = await degrade(rgb, width, height, file, random, jpegThroughSharp);
  const { default: sharp } = await import("sharp");
  const scale = file.reduce(
    (product, { name, strength }) => name === "shrink" ? product * strength : product,
    1,
  );
  const picture = sharp(pixels, { raw: { width: width / scale, height: height / scale, channels: 3 } });
  const encoded = last?.name === "jpeg"
    ? picture.jpeg({ quality: last.strength, chromaSubsampling: "4:2:0" })
    : picture.png();
  return new Uint8Array(await encoded.toBuffer());
}

/** @throws {UserError} where a file would not be what its name says. */
export function checkName(out: string, file: Uint8Array): void {
  const [format, names] = file[0] === 0xff ? ["a JPEG", /\.jpe?g$/i] as const : ["a PNG", /\.png$/i] as const;
  if (!names.test(out)) throw new UserError(`This recipe gives ${format}, which '${out}' does not say`);
}

const USAGE = "deno run -A tools/damage.ts PHOTO RECIPE OUT.jpg|OUT.png [SEED]";

async function main(): Promise<void> {
  const { positionals: [photo, recipe, out, seed = "1"] } = readArguments(USAGE, { allowPositionals: true });
  if (out === undefined) refuse(USAGE);
  const number = wholeNumber(USAGE, "SEED", seed, 0);
  const file = await damagedFile(await Deno.readFile(photo), recipe, number);
  checkName(out, file);
  await writeFileAtomically(out, file);
}

if (import.meta.main) await runScript(main);
