/**
 * `deno run -A tests/fuzz/run.ts SEED COUNT [FIRST]`: damages files and puts them through decoding, and every twentieth through the whole of
 * `enhance`. In a process of its own, so that a crash of a native library is seen as one. Before each case its number is written to standard
 * output; `SEED 1 NUMBER` does that case alone. The last line is a JSON document of what came of them.
 */
import { UserError } from "../../src/base/errors.ts";
import { Random } from "../../src/base/random.ts";
import { enhanceFiles } from "../../src/batch/files.ts";
import { decodePhoto } from "../../src/image/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import { functionNetwork } from "../enhance/networks.ts";
import { healthyFiles, mutate } from "./mutate.ts";

const [seed, count, first = 0] = Deno.args.map(Number);
const ENHANCE_EVERY = 20;
const files = await healthyFiles(seed);
const tally: Record<string, { read: number; refused: number }> = {};
const faults: string[] = [];
let enhanced = 0;
const folder = await Deno.makeTempDir({ prefix: "clairnet-fuzz-" });
using network = functionNetwork((tile) => tile.map((value) => value * 0.9));

for (let number = first; number < first + count; number++) {
  Deno.stdout.writeSync(new TextEncoder().encode(`${number}\n`));
  const random = new Random(seed, 2, number);
  const { name, bytes } = files[random.below(files.length)];
  const damaged = mutate(bytes, files[random.below(files.length)].bytes, random);
  const kind = tally[name.split(" ")[0]] ??= { read: 0, refused: 0 };
  try {
    const photo = await decodePhoto(damaged, { name: "x", maxMegapixels: 1 });
    const samples = photo.width * photo.height;
    if (photo.rgb.length !== 3 * samples || (photo.alpha && photo.alpha.length !== samples)) {
      throw new Error(`${photo.rgb.length} samples for ${photo.width}×${photo.height}`);
    }
    kind.read++;
    // What was read must be writable, whatever metadata came with it.
    if (samples < 5000 && number % 4 === 0) {
      const format = (["png", "jpeg", "webp", "tiff"] as const)[random.below(4)];
      await decodePhoto(await encodePhoto(photo, { format }));
    }
  } catch (error) {
    if (error instanceof UserError && !/\n/.test(error.message)) kind.refused++;
    else faults.push(`case ${number} (${name}): ${error instanceof Error ? error.stack : error}`);
  }
  if (number % ENHANCE_EVERY === 0) {
    enhanced++;
    const source = `${folder}/${number}.${name.split(" ")[0]}`;
    await Deno.writeFile(source, damaged);
    const [result] = await enhanceFiles([source], {
      network: () => Promise.resolve(network),
      output: `${folder}/out/`,
      maxMegapixels: 1,
      onFailure: (error) => {
        if (!(error instanceof UserError)) faults.push(`case ${number} (${name}), enhance: ${error}`);
      },
    });
    const written = [...Deno.readDirSync(folder)].some(({ name }) => name === "out")
      ? [...Deno.readDirSync(`${folder}/out`)].map(({ name }) => name)
      : [];
    const expected = result.status === "done" ? 1 : 0;
    if (written.length !== expected || written.some((name) => name.endsWith(".tmp"))) {
      faults.push(
        `case ${number} (${name}), enhance: ${result.status} left ${written.join(", ") || "nothing"}`,
      );
    }
    if (result.status === "done") await decodePhoto(await Deno.readFile(result.output));
    await Deno.remove(source);
    await Deno.remove(`${folder}/out`, { recursive: true }).catch(() => {});
  }
}
await Deno.remove(folder, { recursive: true });
console.log(JSON.stringify({ tally, enhanced, faults }));
