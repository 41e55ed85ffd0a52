import { vulkanDrivers } from "../../src/cli/vulkan_drivers.ts";
import { assertEquals } from "../assert.ts";
import { withFolder } from "../data/photos.ts";

Deno.test({
  name: "vulkanDrivers() passes over what is no manifest, and over nothing else",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (dir) => {
      const manifest = (version: string) => JSON.stringify({ ICD: { api_version: version } });
      await Deno.mkdir(`${dir}/icd.d`);
      await Deno.writeTextFile(`${dir}/one.json`, manifest("1.1"));
      for (
        const [name, text] of [["a", "{"], ["b", manifest("1.3")], ["c", "null"], ["d", manifest("1.2")], [
          "e",
          "",
        ]]
      ) {
        await Deno.writeTextFile(`${dir}/icd.d/${name}.json`, text);
      }
      const found = await vulkanDrivers([`${dir}/none`, `${dir}/icd.d`, `${dir}/one.json`]);
      assertEquals(found, [
        { name: "b", api: "1.3" },
        { name: "d", api: "1.2" },
        { name: "one", api: "1.1" },
      ]);
    }),
});
