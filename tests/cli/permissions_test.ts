import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { succeeds } from "../succeeds.ts";
import { PROGRAM, runCommand, startCommand } from "./command.ts";
import { filesIn, withModel, writePhoto } from "./folder.ts";

const README = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));

/** What the README's block of variables says: `CODEC` → `a,b`. */
const VARIABLES = new Map(
  [...README.matchAll(/^([A-Z]+)=([\w,]+) +#/gm)].map(([, name, value]) => [`$${name}`, value]),
);

interface Row {
  readonly call: string;
  readonly flags: readonly string[];
}

/** The rows of the README's table whose permissions are spelled out. */
const ROWS: Row[] = [...README.matchAll(/^\| `([^`]+)` \| (`(--allow-[^`]+)`|none) \|$/gm)].map(
  ([, call, , flags = ""]) => ({ call, flags: flags.split(" ").filter(Boolean) }),
);

/** Puts a fresh folder's paths where the README has words for them. */
function filled(text: string): string {
  return text
    .replace(/\$[A-Z]+/g, (name) => VARIABLES.get(name)!)
    .replaceAll(/(?<=[=,])(models)\b/g, (folder) => CHECKOUT + folder)
    .replaceAll(/\b(PHOTOS|OUT|SET|RUN|SITE)\b/g, (word) => word.toLowerCase());
}

/** What a test adds to a call, so that it is quick. */
const QUICK: Readonly<Record<string, readonly string[]>> = {
  enhance: ["--device", "cpu", "--overwrite"],
  dataset: ["--size", "32", "--degrade", "gaussian:10"],
  train: ["--steps", "1", "--batch", "1", "--patch", "16", "--model-config", "base=4,depth=1,blocks=1"],
  evaluate: ["--device", "cpu", "--limit", "1"],
};

async function run(row: Row, dir: string, flags: readonly string[], through: readonly string[] = []) {
  const words = row.call.split(" ");
  const quick = row.call.startsWith("dataset info") ? [] : QUICK[words[0]] ?? [];
  // Where the one before has left its output, which some commands would refuse.
  for (const output of ["out", "run", "site", ...(row.call.startsWith("dataset build") ? ["set"] : [])]) {
    await Deno.remove(`${dir}/${output}`, { recursive: true }).catch(() => {});
  }
  if (words.includes("--to") || words[1] === "import") await Deno.mkdir(`${dir}/out`);
  if (words[1] === "import") await Deno.copyFile(`${dir}/torch.safetensors`, `${dir}/out/torch.safetensors`);
  return await runCommand([...words.map(filled), ...quick], {
    cwd: dir,
    through,
    // The page may need a package that Deno has not fetched yet; nothing else may.
    permissions: [
      "--no-prompt",
      ...(words[0] === "serve" ? [] : ["--cached-only"]),
      ...flags.map(filled),
    ],
  });
}

async function withPhotos(test: (dir: string) => Promise<void>, withSet = false) {
  await withModel(async (dir) => {
    for (let i = 0; i < 3; i++) await writePhoto(`${dir}/photos/${i}.png`, 90 + i, 40, 40);
    const torch = ["export", "photo", "--to", "safetensors", "--out", "torch.safetensors"];
    assertEquals((await runCommand(torch, { cwd: dir })).code, 0);
    if (withSet) {
      const build = ROWS.find(({ call }) => call.startsWith("dataset build"))!;
      const { code, stderr } = await run(build, dir, ["-A"]);
      assertEquals(code, 0, stderr);
    }
    await test(dir);
  });
}

Deno.test("the README's table of permissions has every command", () => {
  const commands = [...ROWS.map(({ call }) => call)].map((call) =>
    /^[a-z]+( (build|info|list|import))?/.exec(call)![0]
  );
  assertEquals(commands, [
    "enhance",
    "dataset build",
    "dataset info",
    "train",
    "evaluate",
    "models list",
    "models info",
    "models import",
    "export",
    "serve",
    "serve",
    "doctor",
    "completion",
  ]);
  for (const { flags } of ROWS) {
    const narrow = /^--allow-((read|write|env|ffi|sys)\b|net=127\.0\.0\.1:8787$)/;
    assert(flags.every((flag) => narrow.test(flag)), flags.join(" "));
  }
});

/** Calls that end by themselves. */
const ENDING = ROWS.filter(({ call }) => call !== "serve");

for (const row of ENDING) {
  Deno.test(`${row.call} runs with the permissions of the README and with none fewer`, () =>
    withPhotos(async (dir) => {
      const all = await run(row, dir, row.flags);
      assertEquals(all.code, 0, all.stderr);
      assert(!/Requires|--allow-/.test(all.stderr + all.stdout.replace(/ --allow-\S+/g, "")), all.stderr);
      if (row.call.startsWith("enhance")) assertEquals(filesIn(`${dir}/out`), ["0.png", "1.png", "2.png"]);
      for (const flag of row.flags) {
        const rest = row.flags.filter((other) => other !== flag);
        const fewer = await run(row, dir, rest);
        // Without its variables WebGPU still finds an adapter, but the driver may complain.
        const harmless = flag === "--allow-env=$GPU";
        assertEquals(fewer.code === 0, harmless, `without ${flag}: ${fewer.stderr}`);
        if (!harmless) assertMatch(fewer.stderr, /^clairnet: /m);
        assert(!/^ +at /m.test(fewer.stderr), fewer.stderr);
      }
    }, row.call.includes("SET")));
}

Deno.test("serve listens with the permissions of the README and with none fewer", async () => {
  const { flags } = ROWS.find(({ call }) => call === "serve")!;
  // Another port than the usual one, which may be in use here.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const allowed = flags.map((flag) => filled(flag).replace("8787", String(port)));
  const child = startCommand(["serve", "--port", String(port)], {
    permissions: ["--no-prompt", ...allowed],
  });
  const errors = new Response(child.stderr).text();
  let printed = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    printed += text;
    if (printed.includes("\n")) break;
  }
  assertMatch(printed, /page is at http:\/\/127\.0\.0\.1:\d+\//);
  const response = await fetch(`http://127.0.0.1:${port}/`);
  assertEquals(response.status, 200, await response.text());
  child.kill("SIGTERM");
  await child.status;
  assert(!/Requires/.test(await errors));
  for (const flag of allowed) {
    const fewer = await runCommand(["serve", "--port", String(port)], {
      permissions: ["--no-prompt", ...allowed.filter((other) => other !== flag)],
    });
    assertEquals(fewer.code, 1, flag);
  }
});

Deno.test("enhance --compare needs one variable more", () =>
  withPhotos(async (dir) => {
    const row = ROWS.find(({ call }) => call.startsWith("enhance"))!;
    const flags = row.flags.map((flag) =>
      flag.startsWith("--allow-env") ? `${flag},IMAGESCRIPT_WASM_SIMD` : flag
    );
    const compare = { ...row, call: `${row.call} --compare` };
    assertEquals((await run(compare, dir, row.flags)).code, 1);
    const { code, stderr } = await run(compare, dir, flags);
    assertEquals(code, 0, stderr);
    assertEquals(filesIn(`${dir}/out`).length, 6);
  }));

Deno.test("enhance loads native code from Deno's cache alone", () =>
  withPhotos(async (dir) => {
    const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
    const { denoDir } = JSON.parse(new TextDecoder().decode(info.stdout));
    const row = ROWS.find(({ call }) => call.startsWith("enhance"))!;
    const flags = row.flags.map((flag) => flag === "--allow-ffi" ? `--allow-ffi=${denoDir}` : flag);
    const { code, stderr } = await run(row, dir, flags);
    assertEquals(code, 0, stderr);
  }));

Deno.test("no module is imported from the network", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", PROGRAM] }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: { specifier: string }[] };
  const remote = modules.filter(({ specifier }) => /^(https?|jsr):/.test(specifier));
  assertEquals(remote, []);
  assert(modules.some(({ specifier }) => specifier.startsWith("npm:")));
});

/** A command that takes the network away from the one that it runs, where that can be had. */
const OFFLINE = ["unshare", "--net", "--map-root-user"];
const canGoOffline = Deno.build.os === "linux" &&
  await succeeds(OFFLINE[0], [...OFFLINE.slice(1), "true"]);

Deno.test({
  name: "every command but serve runs where there is no network at all (needs unshare on Linux)",
  ignore: !canGoOffline,
  fn: () =>
    withPhotos(async (dir) => {
      for (const row of ENDING) {
        if (row.call.startsWith("serve")) continue;
        const { code, stderr } = await run(row, dir, ["-A", "--deny-net", "--deny-run"], OFFLINE);
        assertEquals(code, 0, `${row.call}: ${stderr}`);
      }
    }, true),
});
