/** Holds README.md and the pages of docs/ to what is there: files, commands, recipe steps. */
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertMatch } from "./assert.ts";
import { commandOf } from "./cli/parsed.ts";
import { parseRecipe, recipePresets } from "../src/degrade/recipe.ts";
import { modelConfig, topologyOptions } from "../src/cli/options.ts";
import { growModel } from "../src/nn/grow_model.ts";
import { loadModel } from "../src/nn/models.ts";
import { UserError } from "../src/base/errors.ts";

const ROOT = new URL("../", import.meta.url);

/** Every Markdown page of the repository, by its path. */
const PAGES: ReadonlyMap<string, string> = new Map(
  ["README.md", ...["docs", "models", "samples", "examples"].flatMap(pagesIn)]
    .map((path) => [path, Deno.readTextFileSync(new URL(path, ROOT))]),
);

function pagesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(`${folder}/`, ROOT))]
    .filter(({ name }) => name.endsWith(".md")).map(({ name }) => `${folder}/${name}`).sort();
}

/** GitHub's name for the place of each heading. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

async function existsAt(url: URL): Promise<boolean> {
  return await Deno.stat(fileURLToPath(url)).then(() => true, () => false);
}

Deno.test("every link of the pages leads to a file, and to a heading where it names one", async () => {
  let links = 0;
  for (const [path, page] of PAGES) {
    for (const [, target] of page.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      links++;
      const [file, anchor] = target.split("#");
      const url = file === "" ? new URL(path, ROOT) : new URL(file, new URL(path, ROOT));
      assert(await existsAt(url), `${path} links to ${target}`);
      if (anchor === undefined) continue;
      assert(
        anchorsOf(await Deno.readTextFile(url)).includes(anchor),
        `${path} links to ${target}, which has no such heading`,
      );
    }
  }
  assert(links > 40, `${links} links`);
});

/** Names that stand for others: `NAME.wgsl`, `x.ts`, what a command is going to write. */
const PLACEHOLDER = /NAME|\b[Xx](?:_|\.|$)|^(?:runs|trials|sets)\//;
const SOURCE = /`((?:src|tests|tools|web|shaders|bench|docs|models|samples|examples)\/[\w./-]*)`/g;

Deno.test("every file and folder of the repository that the pages name is there", async () => {
  let named = 0;
  for (const [path, page] of PAGES) {
    for (const [, name] of page.matchAll(SOURCE)) {
      if (PLACEHOLDER.test(name)) continue;
      named++;
      assert(await existsAt(new URL(name, ROOT)), `${path} names ${name}`);
    }
  }
  assert(named > 60, `${named} names`);
});

/** Calls in blocks of shell: what follows `clairnet` or what it stands for; a `\` at a line's end joins the next one. */
function callsOf(page: string): string[] {
  const blocks = [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, language]) => language === "sh" || language === "").map(([, , block]) => block);
  return blocks.join("\n").replace(/\\\n\s*/g, "").split("\n").flatMap((line) =>
    /(?:^|\| )(?:clairnet|(?:npx -y deno@\S+|deno) run -A cli\.ts) (.*)$/.exec(line)?.[1] ?? []
  );
}

Deno.test("every call of the command line in the pages is one that the parser takes", async () => {
  let calls = 0;
  for (const [path, page] of PAGES) {
    for (const call of callsOf(page)) {
      calls++;
      const called = await commandOf(call).catch((error) => {
        throw new Error(`${path}: clairnet ${call}`, { cause: error });
      });
      assert(called !== "" && call.startsWith(called), `${path}: clairnet ${call}`);
    }
  }
  assert(calls > 20, `${calls} calls`);
});

/** Inline: what stands in a block of shell begins with the program's name. */
const GROWTH = /`(?:clairnet )?train --init (\S+) --model-config ([^\s`]+)`/g;

Deno.test("every growth of a shipped model that the pages show is one that the model can take", async () => {
  let growths = 0;
  for (const [path, page] of PAGES) {
    for (const [, model, config] of page.matchAll(GROWTH)) {
      growths++;
      const before = await loadModel(model);
      const after = growModel(before, topologyOptions(config));
      assert(after !== before, `${path}: ${model} is ${config} already`);
    }
  }
  assert(growths > 0);
});

/** What a function complains of; it lists what is allowed. */
function complaint(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error("it did not complain");
}

Deno.test("docs/TRAINING.md explains every step of a recipe, every preset, and every key of --model-config", () => {
  const page = PAGES.get("docs/TRAINING.md")!;
  const steps = [...complaint(() => parseRecipe("fog:1")).matchAll(/([a-z-]+):[\d.-]+ \(/g)].map(([, name]) =>
    name
  );
  assert(steps.length >= 7, steps.join());
  for (const step of steps) assertMatch(page, new RegExp(`^\\| \`${step}:`, "m"));
  for (const preset of Object.keys(recipePresets)) assert(page.includes(`\`${preset}\``), preset);
  const keys = complaint(() => modelConfig("shape=round")).split("keys are ")[1].replace(/\([^)]*\)/g, "")
    .split(",").map((key) => key.trim());
  assert(keys.length >= 11, keys.join());
  assertEquals(keys.filter((key) => !page.includes(`\`${key}\``)), []);
});
