import { assertEquals } from "../assert.ts";
import { linesOf, runCommand } from "./command.ts";
import { filesIn, withModel, writePhoto } from "./folder.ts";
import { assertFits } from "./schemas.ts";

Deno.test("enhance FOLDER -o DIR leaves out what earlier runs wrote into the folder, says so, and takes what is named", () =>
  withModel(async (dir, model) => {
    await writePhoto(`${dir}/photos/a.png`, 5);
    await writePhoto(`${dir}/photos/my-enhanced-shot.png`, 6);
    const enhance = (...args: string[]) =>
      runCommand(["enhance", "photos", "--model", model, "--device", "cpu", ...args], { cwd: dir });
    const first = await enhance("--compare");
    assertEquals(first.code, 0, first.stderr);

    const { code, stdout, stderr } = await enhance("-o", "out", "--json");
    assertEquals(code, 0, stderr);
    assertEquals(
      linesOf(stderr)[0],
      "Left out 4 results of earlier runs, the first photos/a-enhanced-compare.png (name one to enhance it again)",
    );
    const { earlier } = assertFits("enhance", stdout) as { earlier: string[] };
    assertEquals(earlier.length, 4);
    assertEquals(filesIn(`${dir}/out`), ["a.png", "my-enhanced-shot.png"]);

    for (const name of earlier.slice(2)) await Deno.remove(`${dir}/${name}`);
    await Deno.remove(`${dir}/photos/a-enhanced-compare.png`);
    const one = await enhance("-o", "out");
    assertEquals(
      linesOf(one.stderr)[0],
      "Left out photos/a-enhanced.png, the result of an earlier run (name it to enhance it again)",
    );
    const named = await enhance("photos/a-enhanced.png", "-o", "out", "--quiet");
    assertEquals([named.code, named.stderr], [0, ""]);
    assertEquals(filesIn(`${dir}/out`), ["a-enhanced.png", "a.png", "my-enhanced-shot.png"]);
  }));
