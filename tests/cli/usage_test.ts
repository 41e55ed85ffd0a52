import { assert, assertEquals, assertMatch } from "../assert.ts";
import { allCommands, commands, pathOf } from "../../src/cli/program.ts";
import { EXAMPLES } from "../../src/cli/examples.ts";
import { DEFAULT_MODEL } from "../../src/enhance/choose_models.ts";
import { DEFAULT_MAX_MEGAPIXELS } from "../../src/image/decode.ts";
import { DEFAULT_QUALITY } from "../../src/image/encode.ts";
import { succeeds } from "../succeeds.ts";
import { linesOf, PROGRAM, runCommand } from "./command.ts";
import { commandOf } from "./parsed.ts";
import denoConfig from "../../deno.json" with { type: "json" };

const COMMANDS = [
  ["enhance"],
  ["dataset", "build"],
  ["dataset", "info"],
  ["train"],
  ["evaluate"],
  ["trials"],
  ["models", "list"],
  ["models", "info"],
  ["doctor"],
];

Deno.test("--help names every command, and each command's --help its options", async () => {
  // Without native libraries: to print help, none may be loaded.
  const help = (args: readonly string[]) =>
    runCommand([...args, "--help"], { permissions: ["-A", "--deny-ffi", "--deny-net", "--deny-run"] });
  const top = await help([]);
  assertEquals([top.code, top.stderr], [0, ""]);
  for (const command of COMMANDS) {
    assertMatch(top.stdout, new RegExp(`^ {2}${command[0]}\\b`, "m"));
    const { code, stdout, stderr } = await help(command);
    assertEquals([code, stderr], [0, ""], command.join(" "));
    assertMatch(stdout, new RegExp(`^Usage: clairnet ${command.join(" ")} `));
    assertMatch(stdout, /^ {2}-h, --help/m);
  }
  const contract: Record<string, string> = {
    enhance:
      "output model strength tile device precision format quality recursive overwrite self-ensemble compare shard json quiet",
    train: "data out model-config degrade steps epochs batch patch lr loss resume init",
    evaluate: "data model degrade against report json",
    trials: "data out only preset steps seed no-isomap json quiet",
    "dataset build": "from out size degrade seed format limit",
  };
  for (const [command, options] of Object.entries(contract)) {
    const { stdout } = await help(command.split(" "));
    for (const option of options.split(" ")) assertMatch(stdout, new RegExp(`--${option}\\b`), command);
  }
});

Deno.test("cli.ts loads no heavy module before a command asks for it", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", PROGRAM] }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string; dependencies?: { isDynamic?: boolean; code?: { specifier: string } }[] }[];
  };
  const imports = new Map(modules.map((module) => [module.specifier, module.dependencies ?? []]));
  const reached = new Set([new URL("../../cli.ts", import.meta.url).href]);
  for (const module of reached) {
    for (const { isDynamic, code } of imports.get(module) ?? []) {
      if (!isDynamic && code) reached.add(code.specifier);
    }
  }
  const npm = [...reached].filter((specifier) => specifier.startsWith("npm:"));
  assertEquals(npm.map((specifier) => specifier.replace(/^npm:\/?|@[\d.]+$/g, "")), ["commander"]);
  assert(reached.size < 18, [...reached].join("\n"));
});

Deno.test("--version is that of deno.json", async () => {
  const { code, stdout } = await runCommand(["--version"]);
  assertEquals([code, stdout.trim()], [0, denoConfig.version]);
});

Deno.test("clairnet alone prints its help on standard error and exits with 2", async () => {
  for (const args of [[], ["models"], ["dataset"]]) {
    const { code, stdout, stderr } = await runCommand(args);
    assertEquals([code, stdout], [2, ""], args.join());
    assertMatch(stderr, /^Usage: clairnet/);
  }
});

/** A wrong call, and what its only line must say. */
const MISTAKES: readonly (readonly [string, RegExp])[] = [
  ["enhanc a.jpg", /^clairnet: unknown command 'enhanc' \(Did you mean enhance\?\)$/],
  ["polish", /^clairnet: unknown command 'polish'$/],
  ["models show", /^clairnet: unknown command 'show'/],
  ["enhance a.jpg --modle x", /^clairnet: unknown option '--modle' \(Did you mean --model\?\)$/],
  ["doctor --quick", /^clairnet: unknown option '--quick'$/],
  ["enhance", /^clairnet: missing required argument 'input': see clairnet enhance --help$/],
  ["train --data x", /^clairnet: required option '--out <dir>' not specified: see clairnet train --help$/],
  [
    "enhance a.jpg --quality",
    /^clairnet: option '--quality <n>' argument missing: see clairnet enhance --help$/,
  ],
  ["doctor now", /^clairnet: too many arguments/],
  ["enhance a.jpg --strength 1.2", /^clairnet: --strength must be a number from 0 to 1, got 1\.2$/],
  ["enhance a.jpg --strength half", /^clairnet: --strength must be a number from 0 to 1, got half$/],
  ["enhance a.jpg --tile 0", /^clairnet: --tile must be a whole number from 1 to 16384, got 0$/],
  ["enhance a.jpg --tile 12.5", /^clairnet: --tile must be a whole number/],
  ["enhance a.jpg --quality 101", /^clairnet: --quality must be a whole number from 1 to 100, got 101$/],
  ["enhance a.jpg --shard 3/2", /^clairnet: --shard must be I\/N with I from 1 to N, got 3\/2$/],
  ["enhance a.jpg --format bmp", /^clairnet: --format must be png, jpg, webp, tiff or avif, got bmp$/],
  ["enhance a.jpg --format b.jpg", /^clairnet: --format must be png, jpg, webp, tiff or avif, got b\.jpg$/],
  ["enhance a.jpg --device tpu", /^clairnet: option '--device <which>' argument 'tpu' is invalid\./],
  ["enhance a.jpg --model nosuch", /^clairnet: There is no model "nosuch"; /],
  ["enhance - --json", /^clairnet: --json and the photo cannot both go to standard output: give -o FILE$/],
  ["enhance a.jpg -o - --json", /^clairnet: --json and the photo cannot both go to standard output/],
  ["train --data x --out y --steps 0", /^clairnet: --steps must be a whole number from 1 to \d+, got 0$/],
  ["train --data x --out y --steps 1e3x", /^clairnet: --steps must be a whole number/],
  ["train --data x --out y --lr -1", /^clairnet: --lr must be a number from 0 to 1, got -1$/],
  ["train --data x --out y --steps 9 --epochs 2", /^clairnet: --steps and --epochs say the same in two ways/],
  ["train --data x --out y --loss ssim", /^clairnet: option '--loss <name>' argument 'ssim' is invalid\./],
  [
    "train --data x --out y --patch 60",
    /^clairnet: Cannot train: --patch 60 must be a multiple of 8 for this depth$/,
  ],
  [
    "train --data x --out y --degrade fog:1",
    /^clairnet: Cannot read the degradation recipe 'fog:1': there is no step 'fog'/,
  ],
  [
    "train --data x --out y --model-config base=0",
    /^clairnet: Cannot read --model-config: .*base must be a whole number/,
  ],
  [
    "train --data x --out y --model-config base",
    /^clairnet: Cannot read --model-config: 'base' is not KEY=VALUE; keys are /,
  ],
  [
    "train --data x --out y --model-config shape=round",
    /^clairnet: Cannot read --model-config: 'shape=round' is not known/,
  ],
  ["evaluate --data x --model none", /^clairnet: There is nothing to evaluate: give --model or --against$/],
  [
    "evaluate --data x --against blurry --model none",
    /^clairnet: Cannot read the filters 'blurry': there is no filter 'blurry'/,
  ],
  [
    "enhance a.jpg --compare=video",
    /^clairnet: option '--compare \[kind\]' argument 'video' is invalid\. Allowed choices are sheet, gif\.$/,
  ],
  ["completion tcsh", /^clairnet: completion takes bash, zsh, fish, got tcsh$/],
  ["trian --data x", /^clairnet: unknown command 'trian' \(Did you mean train\?\)$/],
  ["models inof", /^clairnet: unknown command 'inof' \(Did you mean info\?\)$/],
  [
    "enhance a.jpg --max-megapixels many",
    /^clairnet: --max-megapixels must be a number above 0, at most 1000000, got many$/,
  ],
  ["enhance a.jpg --max-megapixels 0", /^clairnet: --max-megapixels must be a number above 0, .*, got 0$/],
  ["train --data x --out y --epochs 0", /^clairnet: --epochs must be a number above 0, .*, got 0$/],
  [
    "enhance a.jpg --format png --quality 80",
    /^clairnet: Cannot enhance: --quality is for jpg, webp and avif, png loses nothing: leave it out, or choose/,
  ],
  ["enhance a.tif b.png --quality 80", /: --quality is for jpg, webp and avif, tiff and png lose nothing: /],
  ["models info http://", /^clairnet: Cannot fetch the model "http:\/\/": it is no whole address$/],
  ["train --data x --out=", /^clairnet: --out is empty: give it a value$/],
  ["trials --data= --out x", /^clairnet: --data is empty: give it a value$/],
  ["serve --export=", /^clairnet: --export is empty: give it a value$/],
  ["export photo --to onnx --out=", /^clairnet: --out is empty: give it a value$/],
  ["train --data samples/clean --out x --init=", /^clairnet: --init is empty: give it a value$/],
  ["models info nosuch", /^clairnet: There is no model "nosuch"; /],
  ["enhance a.jpg --output=", /^clairnet: Cannot enhance: -o is empty; name a file or a folder$/],
  [
    "train --data x --out cli.ts",
    /^clairnet: Cannot train into cli\.ts: it is a file; choose another --out$/,
  ],
  [
    "dataset build --from samples/clean --out cli.ts",
    /^clairnet: Cannot build into 'cli\.ts': it is a file; choose another --out$/,
  ],
];

Deno.test("a wrong call exits with 2 and says in one line what is wrong", async () => {
  for (const [call, expected] of MISTAKES) {
    const { code, stdout, stderr } = await runCommand(call.split(" "));
    const lines = linesOf(stderr);
    assertEquals([code, stdout, lines.length], [2, "", 1], `${call}: ${stderr}`);
    assertMatch(lines[0], expected);
  }
});

Deno.test("every command's help fits 80 columns, needs no permission, and ends with examples", async () => {
  for (const command of allCommands(commands(() => {}))) {
    const path = pathOf(command);
    const words = path.split(" ").filter(Boolean);
    const { code, stdout, stderr } = await runCommand([...words, "--help"], { permissions: ["--no-prompt"] });
    assertEquals([code, stderr], [0, ""], path);
    for (const line of linesOf(stdout)) assert([...line].length <= 80, `${path}: ${line}`);
    assert((EXAMPLES[path] ?? []).length > 0, `${path} has no example`);
    assertMatch(stdout, new RegExp(`^Examples:\n  # .+\n  clairnet ${path}`, "m"));
    for (const option of command.options) assert(option.description, `${path} ${option.flags}`);
  }
});

Deno.test("the help of enhance gives the defaults that apply", () => {
  const help = commands(() => {}).commands.find((command) => command.name() === "enhance")!.helpInformation();
  const text = help.replace(/\s+/g, " ");
  assert(text.includes(`(default: ${DEFAULT_QUALITY.jpeg}, avif ${DEFAULT_QUALITY.avif})`), help);
  assertEquals(DEFAULT_QUALITY.webp, DEFAULT_QUALITY.jpeg);
  assert(text.includes(`refuse larger photos (default: ${DEFAULT_MAX_MEGAPIXELS})`), help);
  assert(text.includes(`(default: ${DEFAULT_MODEL})`), help);
});

Deno.test("every example in the help is a call that the parser takes", async () => {
  const known = allCommands(commands(() => {})).map(pathOf);
  for (const [path, examples] of Object.entries(EXAMPLES)) {
    assert(known.includes(path), path);
    for (const [call] of examples) {
      const called = await commandOf(call);
      assert(called !== "" && call.startsWith(called), call);
      if (path !== "") assert(call.startsWith(path), call);
    }
  }
});

const hasScript = Deno.build.os === "linux" &&
  await succeeds("script", ["--version"]);

Deno.test({
  name: "colours appear on a terminal alone, and never under NO_COLOR (needs script on Linux)",
  ignore: !hasScript,
  fn: async () => {
    // deno-lint-ignore no-control-regex
    const coloured = /\x1b\[\d+m/;
    const call = (args: readonly string[], env: Record<string, string | undefined>, terminal: boolean) =>
      runCommand(args, {
        env: { NO_COLOR: undefined, FORCE_COLOR: undefined, TERM: "xterm", ...env },
        through: terminal ? ["sh", "-c", 'exec script -qec "$*" /dev/null', "sh"] : [],
      });
    for (const args of [["--help"], ["enhance", "nosuch.jpg"], ["doctor"], ["enhanc"]]) {
      const [plain, shown, none] = [
        await call(args, {}, false),
        await call(args, {}, true),
        await call(args, { NO_COLOR: "1" }, true),
      ];
      const text = (result: typeof plain) => result.stdout + result.stderr;
      assert(!coloured.test(text(plain)), `${args}: colours in a pipe`);
      assert(coloured.test(text(shown)), `${args}: no colours on a terminal: ${text(shown)}`);
      assert(!coloured.test(text(none)), `${args}: colours under NO_COLOR: ${text(none)}`);
    }
  },
});
