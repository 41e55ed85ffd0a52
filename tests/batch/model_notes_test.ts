import { enhanceFiles } from "../../src/batch/files.ts";
import type { TileNetwork } from "../../src/enhance/network.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { assertEquals, assertMatch } from "../assert.ts";
import { functionNetwork } from "../enhance/networks.ts";
import { randomPhoto } from "../image/photos.ts";
import { inFolder, put } from "./folder.ts";

Deno.test("enhanceFiles() notes that a network of extremes cannot mend specks which compression has blurred", () =>
  inFolder(async (folder) => {
    const photo = randomPhoto({ seed: 131, width: 20, height: 16 });
    for (const format of ["jpeg", "png"] as const) await put(`${folder}/a.${format}`, photo, format);
    const of = (corrects: "all" | "extremes" | "holes") =>
      functionNetwork((tile) => tile.slice(), unetTopology({ base: 4, depth: 0, corrects }));
    const notes = async (name: string, ...networks: TileNetwork[]) => {
      const options = { output: `${folder}/out/`, overwrite: true, network: () => Promise.resolve(networks) };
      return (await enhanceFiles([`${folder}/${name}`], options))[0].notes;
    };
    const [note] = await notes("a.jpeg", of("extremes"));
    assertMatch(note, /^this model fills what is exactly black or white, .* the model photo removes them$/);
    assertEquals(await notes("a.png", of("extremes")), []);
    assertEquals(await notes("a.jpeg", of("all")), []);
    assertEquals(await notes("a.jpeg", of("extremes"), of("all")), []);
    assertEquals(await notes("a.jpeg", of("extremes"), of("holes")), [note]);
  }));

Deno.test("enhanceFiles() notes which model is made for a strongly compressed JPEG, where it is told", () =>
  inFolder(async (folder, network) => {
    const photo = randomPhoto({ seed: 132, width: 20, height: 16 });
    for (const quality of [20, 49, 50, 95]) {
      await Deno.writeFile(`${folder}/${quality}.jpg`, await encodePhoto(photo, { format: "jpeg", quality }));
    }
    await put(`${folder}/a.png`, photo, "png");
    const notes = async (name: string, modelForJpeg?: string) => {
      const options = { output: `${folder}/out/`, overwrite: true, modelForJpeg };
      const opened = { ...options, network: () => Promise.resolve(network) };
      return (await enhanceFiles([`${folder}/${name}`], opened))[0].notes;
    };
    assertEquals(await notes("20.jpg", "jpeg+upscale2x"), [
      "it is a JPEG of quality 20 or so: where compression is all that is wrong with it, --model jpeg+upscale2x does more",
    ]);
    assertEquals((await notes("49.jpg", "jpeg")).length, 1);
    assertEquals(await notes("50.jpg", "jpeg"), []);
    assertEquals(await notes("95.jpg", "jpeg"), []);
    assertEquals(await notes("a.png", "jpeg"), []);
    assertEquals(await notes("20.jpg"), []);
  }));
