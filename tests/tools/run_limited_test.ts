import { runLimited } from "../../tools/gpu_session/run_limited.ts";
import { assert, assertEquals } from "../assert.ts";

async function run(
  script: string,
  limit: number,
  grace = 300,
): Promise<[code: number, said: string, seconds: number]> {
  let said = "";
  const pass = (bytes: Uint8Array) => {
    said += new TextDecoder().decode(bytes);
  };
  const began = performance.now();
  const code = await runLimited("sh", { args: ["-c", script], limit, grace, onStdout: pass, onStderr: pass });
  return [code, said, (performance.now() - began) / 1000];
}

Deno.test({
  name:
    "runLimited() passes on what a process prints, and ends one that takes too long, also if it or what it has started will not end",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    assertEquals((await run("echo a; echo b >&2; exit 3", 30_000)).slice(0, 2), [3, "a\nb\n"]);
    const [code, said] = await run(
      "trap 'echo rest; exit 0' TERM; sleep 0.1; while :; do sleep 0.1; done",
      500,
      20_000,
    );
    assertEquals([code, said], [124, "rest\n"]);
    const deaf = await run("trap '' TERM; while :; do sleep 0.1; done", 200);
    const orphan = await run("echo started; sleep 25 & sleep 25", 200);
    for (const [code, , seconds] of [deaf, orphan]) {
      assert(code === 124 && seconds < 20, `${code}, ${seconds} s`);
    }
    assertEquals(orphan[1], "started\n");
  },
});
