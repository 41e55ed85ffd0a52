import { conversionLoss, convertModel } from "../../tools/convert_model.ts";
import { decodeModel, encodeModel, modelInfo } from "../../src/nn/model_file.ts";
import { unetTopology } from "../../src/nn/topology.ts";
import { assert, assertEquals } from "../assert.ts";
import { testPixels, withFolder, writeTestPhoto } from "../data/photos.ts";
import { calmParameters } from "../enhance/networks.ts";

Deno.test("convertModel() halves a model, keeps what it says of itself, and conversionLoss() finds the rounding", async () => {
  await withFolder(async (dir) => {
    for (const i of [0, 1]) await writeTestPhoto(`${dir}/${i}.png`, 40, 30, testPixels(40, 30, i));
    const topology = unetTopology({ base: 8, depth: 1, scale: 2 });
    const model = {
      topology,
      parameters: calmParameters(topology, 3),
      info: modelInfo({ name: "x", recipe: "shrink:2" }),
    };
    const bytes = convertModel(model, "F16", { note: "in F16" });
    assert(bytes.length < 0.65 * encodeModel(model).length);
    const half = decodeModel(bytes, "half");
    assertEquals([half.topology, half.info], [
      topology,
      modelInfo({ name: "x", recipe: "shrink:2", note: "in F16" }),
    ]);
    for (const [name, values] of model.parameters) {
      assertEquals(half.parameters.get(name), Float32Array.from(new Float16Array(values)));
    }
    const loss = await conversionLoss(model, half, dir, "shrink:2");
    assert(
      Math.abs(loss.before - loss.after) < 0.05 && loss.apart > 45 && loss.apart < 120,
      JSON.stringify(loss),
    );
    const same = await conversionLoss(model, model, dir, "shrink:2");
    assertEquals([same.before, same.apart], [same.after, Infinity]);
  });
});
