import { assert, assertEquals } from "../assert.ts";

Deno.test({
  name:
    "endsWithUs() ends a child where its parent is told to end, so that nobody waits for what it holds open",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const module = JSON.stringify(new URL("../../tools/ends_with_us.ts", import.meta.url).href);
    const code = `import { endsWithUs } from ${module};
      const child = new Deno.Command("sleep", { args: ["30"] }).spawn();
      {
        using _ends = endsWithUs(child, "SIGINT");
        Deno.kill(Deno.pid, "SIGTERM");
        console.log((await child.status).signal);
      }
      Deno.kill(Deno.pid, "SIGTERM");
      await new Promise((done) => setTimeout(done, 30_000));`;
    const began = performance.now();
    const { signal, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-lock", code],
    }).output();
    assert(performance.now() - began < 20_000);
    assertEquals([signal, new TextDecoder().decode(stdout)], ["SIGTERM", "SIGINT\n"]);
  },
});
