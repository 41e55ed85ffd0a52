import { decodePhoto } from "../../src/image/decode.ts";
import { checkName, damagedFile } from "../../tools/damage.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const samples = new URL("../../samples/", import.meta.url);

/** PHOTO, RECIPE and OUT of each command in samples/README.md. */
async function commands(): Promise<string[][]> {
  const text = await Deno.readTextFile(new URL("README.md", samples));
  return [...text.matchAll(/^deno run -A tools\/damage\.ts (\S+)\s+(\S+)\s+(\S+)$/gm)].map((match) =>
    match.slice(1)
  );
}

/** Mean absolute difference of two photos' samples, 0..255. */
async function difference(a: Uint8Array, b: Uint8Array): Promise<number> {
  const [first, second] = [await decodePhoto(a), await decodePhoto(b)];
  assertEquals([first.width, first.height], [second.width, second.height]);
  let sum = 0;
  for (let i = 0; i < first.rgb.length; i++) sum += Math.abs(first.rgb[i] - second.rgb[i]);
  return sum / first.rgb.length;
}

Deno.test("samples/damaged is what the commands in samples/README.md make of samples/clean", async () => {
  const read = (path: string) => Deno.readFile(new URL(`../${path}`, samples));
  const listed = await commands();
  assertEquals(listed.map(([, , out]) => out).sort(), [
    "samples/damaged/astronaut.jpg",
    "samples/damaged/raccoon.jpg",
    "samples/damaged/temple.jpg",
  ]);
  for (const [photo, recipe, out] of listed) {
    const [clean, damaged] = [await read(photo), await read(out)];
    // Another processor may round the encoder's last bit otherwise, so the files are compared by their pixels.
    const apart = await difference(await damagedFile(clean, recipe, 1), damaged);
    assert(apart < 0.05, `${out} is ${apart} apart from ${recipe} of ${photo}`);
    assert(await difference(clean, damaged) > 2, `${out} is hardly damaged`);
  }
});

Deno.test("damagedFile() gives a JPEG for a recipe that ends in jpeg, a PNG otherwise, and follows its seed", async () => {
  const clean = await Deno.readFile(new URL("clean/astronaut.jpg", samples));
  const compressed = await damagedFile(clean, "blur:1,jpeg:50", 1);
  assertEquals((await decodePhoto(compressed)).format, "jpeg");
  const noisy = await damagedFile(clean, "gaussian:5", 1);
  assertEquals((await decodePhoto(noisy)).format, "png");
  checkName("a/b.JPEG", compressed);
  checkName("b.png", noisy);
  assertThrows(() => checkName("b.png", compressed), /gives a JPEG, which 'b\.png' does not say/);
  assertThrows(() => checkName("b.jpg", noisy), /gives a PNG/);
  assertEquals(await damagedFile(clean, "gaussian:5", 1), noisy);
  assert(await difference(await damagedFile(clean, "gaussian:5", 2), noisy) > 1);
});
