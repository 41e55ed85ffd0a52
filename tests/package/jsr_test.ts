import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { VERSION } from "../../src/cli/version.ts";
import { SHIPPED_MODELS } from "../../src/nn/shipped.ts";
import { BUILT_FILES } from "../../src/serve/site.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { openJsrRegistry } from "./jsr_registry.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs Deno with its own cache, which shares only the npm packages with the user's. */
async function deno(args: readonly string[], cwd: string, env: Record<string, string>) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, `deno ${args.join(" ")}\n${out}\n${err}`);
  return out + err;
}

/** The address that `serve` says it is at. */
async function addressIn(server: Deno.ChildProcess): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of server.stdout.values({ preventCancel: true })) {
    text += decoder.decode(chunk, { stream: true });
    const [address] = /http:\/\/127\.0\.0\.1:\d+\//.exec(text) ?? [];
    if (address) return address;
  }
  throw new Error(`serve ended, having said: ${text}`);
}

const equal = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

Deno.test("the package publishes to a JSR registry, and works from there in an empty folder", async (t) => {
  await using registry = openJsrRegistry();
  const folder = await Deno.makeTempDir({ prefix: "clairnet jsr " });
  const cache = await Deno.makeTempDir({ prefix: "clairnet-cache-" });
  try {
    const { npmCache } = JSON.parse(await deno(["info", "--json"], folder, {}));
    await Deno.symlink(npmCache, join(cache, "npm"));
    const env = { JSR_URL: registry.url, DENO_DIR: cache };

    await t.step("publishing uploads the code, the models and no more", async () => {
      // Types were checked by the dry run of the gate.
      const options = ["--token", "any", "--allow-dirty", "--no-provenance", "--no-check"];
      assertMatch(
        await deno(["publish", ...options], root, { JSR_URL: registry.url }),
        /Successfully published/,
      );
      const { files } = registry.releases.get(`@clairnet/clairnet@${VERSION}`)!;
      for (
        const path of [
          "/mod.ts",
          "/native.ts",
          "/cli.ts",
          "/models/photo.safetensors",
          "/web/dist/app.js",
          "/LICENSE",
        ]
      ) {
        assert(files.has(path), `${path} is missing`);
      }
      const strangers = [...files.keys()].filter((path) =>
        /^\/(tests|bench|tools|docs|web\/(app|worker)|\.)/.test(path)
      );
      assertEquals(strangers, []);
      const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
      assert(bytes < 20e6, `${bytes} bytes: a package of JSR has 20 MB at most`);
    });

    await t.step("a program imports it and enhances a picture with the shipped weights", async () => {
      await Deno.writeTextFile(
        join(folder, "app.ts"),
        `import { degrade, Enhancer, psnr } from "jsr:@clairnet/clairnet";
         import { cpuNetwork } from "jsr:@clairnet/clairnet/native";
         const data = Uint8Array.from({ length: 3 * 64 * 48 }, (_, i) =>
           128 + 60 * Math.sin((i / 3 % 64) / 9) + 40 * Math.cos(i / 192 / 7));
         const clean = { width: 64, height: 48, data };
         const noisy = await degrade(clean, "gaussian:25");
         using enhancer = await Enhancer.create({ device: "cpu", cpu: cpuNetwork });
         const better = await enhancer.enhance(noisy);
         console.log("gain", psnr(better, clean) - psnr(noisy, clean));`,
      );
      const output = await deno(["run", "-A", "--no-lock", "app.ts"], folder, env);
      const gain = Number(output.match(/^gain (\S+)$/m)?.[1]);
      assert(gain > 2, output);
    });

    await t.step("the command line runs from it, training in a worker thread included", async () => {
      const clairnet = (...args: string[]) =>
        deno(["run", "--quiet", "-A", "--no-lock", "jsr:@clairnet/clairnet/cli", ...args], folder, env);
      assertEquals((await clairnet("--version")).trim(), VERSION);
      const photo = join(root, "samples/damaged/raccoon.jpg");
      await clairnet("enhance", photo, "-o", "better.png", "--device", "cpu", "--quiet");
      const header = (await Deno.readFile(join(folder, "better.png"))).subarray(1, 4);
      assertEquals(new TextDecoder().decode(header), "PNG");
      await clairnet(
        ...["train", "--data", join(root, "samples/clean"), "--out", "run", "--steps", "2", "--degrade"],
        ...["gaussian:25", "--batch", "1", "--patch", "16", "--model-config", "base=4,depth=1", "--quiet"],
      );
      assertMatch(await clairnet("models", "info", "run/model.safetensors"), /^steps +2$/m);
    });

    await t.step(
      "`serve` shows the page of the package, with its weights, and `serve --export` writes it",
      async () => {
        const wanted = new Map<string, Uint8Array>();
        const { files } = registry.releases.get(`@clairnet/clairnet@${VERSION}`)!;
        for (const name of ["index.html", "style.css", "icon.svg"]) {
          wanted.set(name, files.get(`/web/${name}`)!);
        }
        for (const name of BUILT_FILES) {
          wanted.set(name, files.get(`/web/dist/${name}`)!);
        }
        for (const path of files.keys()) {
          if (path.endsWith(".safetensors")) wanted.set(path.slice(1), files.get(path)!);
        }
        wanted.set("sample.jpg", files.get("/samples/damaged/raccoon.jpg")!);

        const args = ["run", "-A", "--no-lock", "jsr:@clairnet/clairnet/cli", "serve"];
        const server = new Deno.Command(Deno.execPath(), {
          args: [...args, "--port", "0"],
          cwd: folder,
          env: { NO_COLOR: "1", ...env },
          stdout: "piped",
          stderr: "piped",
        }).spawn();
        try {
          const url = await addressIn(server);
          for (const [path, bytes] of wanted) {
            const response = await fetch(new URL(path, url));
            assertEquals(response.status, 200, path);
            assert(equal(await response.bytes(), bytes), `${path} is another file than the package has`);
          }
          const models = await (await fetch(new URL("models.json", url))).json();
          assertEquals(models.map(({ name }: { name: string }) => name), [...SHIPPED_MODELS].sort());
        } finally {
          server.kill("SIGINT");
          await server.status;
          await Promise.all([server.stdout.cancel(), server.stderr.cancel()]);
        }
        await deno([...args, "--export", "site"], folder, env);
        for (const [path, bytes] of wanted) {
          assert(equal(await Deno.readFile(join(folder, "site", path)), bytes), `site/${path}`);
        }
      },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(join(cache, "npm")).catch(() => {});
    await Deno.remove(cache, { recursive: true });
  }
});
