import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertMatch } from "../assert.ts";

/** The tools and benches that read their options with `readArguments`. */
async function scripts(folder: URL): Promise<URL[]> {
  const found: URL[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...await scripts(new URL(`${name}/`, folder)));
    else if (name.endsWith(".ts") && name !== "arguments.ts") {
      const file = new URL(name, folder);
      const text = await Deno.readTextFile(file);
      // The second in scripts that share the reading of a folder's name.
      if (/readArguments\(|folderArgument\("/.test(text) && name !== "runner.ts") found.push(file);
    }
  }
  return found;
}

const run = async (script: URL, ...options: string[]) => {
  const lock = `--lock=${fileURLToPath(new URL("../../deno.dev.lock", import.meta.url))}`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", lock, fileURLToPath(script), ...options],
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
};

const found = [
  ...await scripts(new URL("../../tools/", import.meta.url)),
  ...await scripts(new URL("../../bench/", import.meta.url)),
];

Deno.test("every tool and bench says how it is called: --help, and a line for an option that there is not", async () => {
  assert(found.length >= 10, `${found}`);
  await Promise.all(found.map(async (script) => {
    const help = await run(script, "--help");
    assertEquals([help.code, help.err], [0, ""], script.pathname);
    assertMatch(help.out, /^Usage: deno (run|task) .*\n$/);
    const wrong = await run(script, "--nosuch");
    assertEquals([wrong.code, wrong.out], [2, ""], script.pathname);
    assertMatch(wrong.err, /^Unknown option '--nosuch'\nUsage: deno .*\n$/);
  }));
});

Deno.test("a tool refuses what is no number, in place of doing nothing or something else", async () => {
  const nowhere = "/nowhere";
  const calls = [
    ["colour_charts.ts", nowhere, "--count", "abc"],
    ["drawings.ts", nowhere, "--seed", "1.5"],
    ["convert_model.ts", "fast", nowhere, "--limit", "0"],
    ["model_figures.ts", "fast", nowhere, "--rows", "x"],
    ["damage.ts", nowhere, "blur:1", `${nowhere}.png`, ""],
  ];
  for (const [name, ...options] of calls) {
    const { code, out, err } = await run(new URL(`../../tools/${name}`, import.meta.url), ...options);
    assertEquals([code, out], [2, ""], name);
    assertMatch(err, /takes a whole number from [01] on, got .*\nUsage: deno /);
  }
});
