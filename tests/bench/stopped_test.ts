import { assertEquals } from "../assert.ts";

Deno.test({
  name:
    "printWhenStopped() prints what there is where the process is told to end, and not where it ends by itself",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const module = JSON.stringify(new URL("../../bench/stopped.ts", import.meta.url).href);
    const run = async (last: string) => {
      const code = `import { printWhenStopped } from ${module};
        let cases = 0;
        printWhenStopped(() => "cases " + cases);
        cases = 3;
        ${last}`;
      const child = new Deno.Command(Deno.execPath(), {
        args: ["eval", "--no-lock", code],
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const { code: exitCode, stdout } = await child.output();
      return [exitCode, new TextDecoder().decode(stdout)];
    };
    assertEquals(
      await run("Deno.kill(Deno.pid, 'SIGTERM'); await new Promise((done) => setTimeout(done, 60_000));"),
      [
        143,
        "cases 3\n",
      ],
    );
    assertEquals(await run("console.log('all');"), [0, "all\n"]);
  },
});
