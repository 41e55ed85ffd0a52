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

Deno.test("train, evaluate and dataset build leave out what enhance wrote into the folder, and count it on one line", () =>
  withModel(async (dir, model) => {
    for (const [i, name] of ["a", "b", "c"].entries()) await writePhoto(`${dir}/photos/${name}.png`, 5 + i);
    const run = async (command: string) => {
      const { code, stdout, stderr } = await runCommand(command.split(" "), { cwd: dir });
      assertEquals(code, 0, stderr);
      return { stdout, lines: linesOf(stderr).filter((line) => line.includes("enhance")) };
    };
    await run(`enhance photos --model ${model} --device cpu`);
    const evaluate = "evaluate --data photos --degrade blur:1 --model none --against median --json";
    const { stdout, lines } = await run(evaluate);
    const skipped = (first: string) =>
      `clairnet: skipped 3 results of enhance, which lie beside their photos, the first ${first}`;
    assertEquals(lines, [skipped("a-enhanced.png")]);
    const { photos } = assertFits("evaluate", stdout) as { photos: { name: string }[] };
    assertEquals(photos.map(({ name }) => name), ["a.png", "b.png", "c.png"]);

    const tiny = "--model-config base=4,depth=1,blocks=1 --steps 1 --batch 1 --patch 16";
    const trained = await run(`train --data photos --degrade blur:1 --out run ${tiny}`);
    assertEquals(trained.lines[0], skipped("a-enhanced.png"));
    const built = await run("dataset build --from photos --degrade blur:1 --size 16 --out set");
    assertEquals(built.lines, [skipped("photos/a-enhanced.png")]);

    for (const name of ["b", "c"]) await Deno.remove(`${dir}/photos/${name}-enhanced.png`);
    assertEquals((await run(evaluate)).lines, [
      "clairnet: skipped a-enhanced.png: it is what enhance made of a photo beside it",
    ]);
  }));
