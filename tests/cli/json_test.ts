import { Ajv2020 } from "npm:ajv@8.17.1/dist/2020.js";
import { allCommands, commands, pathOf } from "../../src/cli/program.ts";
import { assert, assertEquals } from "../assert.ts";
import { runCommand } from "./command.ts";
import { withModel, writePhoto } from "./folder.ts";
import { assertFits, SCHEMAS } from "./schemas.ts";

Deno.test("every command's --json prints one document that fits its schema in docs/JSON.md", async () => {
  await withModel(async (dir, model) => {
    for (let i = 0; i < 3; i++) await writePhoto(`${dir}/photos/${i}.png`, 100 + i, 40, 40);
    await Deno.writeTextFile(`${dir}/photos/broken.jpg`, "no photo");
    const set = ["--data", "set"];
    const quick = [
      "--steps",
      "1",
      "--batch",
      "1",
      "--patch",
      "16",
      "--model-config",
      "base=4,depth=1,blocks=1",
    ];
    const calls: [string, string[], number][] = [
      ["dataset build", ["--from", "photos", "--out", "set", "--size", "32", "--degrade", "gaussian:9"], 0],
      ["dataset info", ["set"], 0],
      ["enhance", ["photos", "-o", "out", "--model", model, "--device", "cpu", "--compare"], 1],
      ["enhance", ["photos/0.png", "-o", "out/", "--model", model, "--shard", "1/1"], 0],
      ["enhance", ["photos/1.png", "-o", "out/", "--model", `${model}+photo`, "--device", "cpu"], 0],
      ["train", [...set, "--out", "run", ...quick], 0],
      ["train", [...set, "--out", "profiled", "--profile", ...quick], 0],
      ["evaluate", [...set, "--model", "none", "--against", "median"], 0],
      // Nothing is done to the photos, so that the degraded side has an infinite PSNR; and one cannot be read.
      ["evaluate", ["--data", "photos", "--model", model, "--device", "cpu", "--degrade", "blur:0"], 1],
      ["models list", [], 0],
      ["models info", ["photo"], 0],
      ["models info", [model], 0],
      ["export", [model, "--to", "onnx", "--out", "tiny.onnx"], 0],
      ["export", [model, "--to", "safetensors", "--out", "tiny.pt.safetensors"], 0],
      ["models import", ["tiny.pt.safetensors", "--out", "back.safetensors"], 0],
      ["serve", ["--export", "site"], 0],
      ["doctor", [], 0],
      ["completion", ["bash"], 0],
    ];
    // Trials take longer: their test holds them to their schema.
    const called = new Set(["trials", ...calls.map(([command]) => command)]);
    assertEquals([...SCHEMAS.keys()].filter((command) => !called.has(command)), []);
    for (const [command, args, code] of calls) {
      const result = await runCommand([...command.split(" "), ...args, "--json"], { cwd: dir });
      assertEquals(result.code, code, `${command}: ${result.stderr}`);
      assertFits(command, result.stdout);
    }
  });
});

Deno.test("a schema of docs/JSON.md refuses what is not meant", () => {
  for (const [command, schema] of SCHEMAS) {
    const check = new Ajv2020({ allowUnionTypes: true }).compile(schema as object);
    for (const wrong of [{}, [1], "x", null]) {
      assert(!check(wrong), `${command} takes ${JSON.stringify(wrong)}`);
    }
  }
});

Deno.test("every command has --json, and --help says so", () => {
  for (const command of allCommands(commands(() => {}))) {
    const path = pathOf(command);
    if (command.commands.length > 0) continue;
    assert(command.options.some(({ long }) => long === "--json"), path);
    assert(SCHEMAS.has(path), `docs/JSON.md has no schema of ${path}`);
  }
});
