import { assert, assertEquals, assertMatch } from "../assert.ts";
import { linesOf, runCommand } from "./command.ts";
import { withModel, writePhoto } from "./folder.ts";
import { loadModel } from "../../src/nn/models.ts";
import { saveModel } from "../../src/nn/save_model.ts";

Deno.test({
  name: "no name of a file, and nothing that a model says of itself, reaches the terminal as a command",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withModel(async (dir, path) => {
      const evil = "\n\x1b[31mx\u202e";
      await writePhoto(`${dir}/photos/good${evil}.png`, 4, 40, 36);
      await Deno.writeTextFile(`${dir}/photos/bad${evil}.png`, "no photo");
      const model = await loadModel(path);
      const info = { ...model.info, name: `red${evil}`, note: evil };
      await saveModel(`${dir}/evil.safetensors`, { ...model, info });
      const tiny = [
        "--batch",
        "1",
        "--patch",
        "16",
        "--model-config",
        "base=4,depth=1,blocks=1",
        "--steps",
        "1",
      ];
      const folder = `folder${evil}`;
      await writePhoto(`${dir}/nested/good.png`, 4, 40, 36);
      for (const name of ["bad", "bad2"]) await writePhoto(`${dir}/nested/${folder}/${name}.png`, 5, 40, 36);
      await Deno.writeTextFile(`${dir}/nested/${folder}/none.png`, "no photo");
      const calls: [string[], number, RegExp][] = [
        [
          ["dataset", "build", "--from", "nested", "--out", "set", "--size", "32", "--degrade", "blur:1"],
          0,
          /^clairnet: skipped "nested\/folder\\n\\u001b\[31mx\\u202e\/bad2\.png": it is in already as "nested/m,
        ],
        [["models", "info", "evil.safetensors"], 0, /^name +"red\\n\\u001b\[31mx\\u202e"$/m],
        [
          ["evaluate", "--data", "photos", "--degrade", "blur:1", "--model", "none", "--against", "median"],
          1,
          /^"good\\n\\u001b\[31mx\\u202e\.png" +degraded/m,
        ],
        [
          ["train", "--data", "photos", "--out", "run", ...tiny],
          0,
          /^clairnet: skipped "bad\\n\\u001b\[31mx/m,
        ],
      ];
      for (const [args, expected, pattern] of calls) {
        const { code, stdout, stderr } = await runCommand(args, { cwd: dir });
        assertEquals(code, expected, stderr);
        const said = stdout + stderr;
        assert(!said.includes("\x1b") && !said.includes("\u202e"), JSON.stringify(said));
        assertMatch(said, pattern);
        assert(linesOf(said).every((line) => !line.startsWith("?[31m")), said);
      }
    }),
});
