import { dealt } from "../../tools/run_tests.ts";
import { isDebianKin } from "../../tools/run_tests/prepare.ts";
import { closingLine, readSummary } from "../../tools/run_tests/summary.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";

Deno.test("readSummary() reads deno test's summary, colours and steps included", () => {
  assertEquals(readSummary("a ... ok (1ms)\n\nok | 3 passed | 0 failed (14ms)\n"), {
    passed: 3,
    failed: 0,
    skipped: 0,
  });
  assertEquals(
    readSummary(
      "\x1b[0m\x1b[31mFAILED\x1b[0m | 1 passed (2 steps) | 2 failed (1 step) | 1 ignored \x1b[0m(64ms)\n",
    ),
    { passed: 1, failed: 2, skipped: 1 },
  );
  assertEquals(readSummary("ok | 2 passed | 0 failed | 9 filtered out (3ms)\n"), {
    passed: 2,
    failed: 0,
    skipped: 0,
  });
});

Deno.test("readSummary() takes the last one, so that a test's own output cannot stand in for it", () => {
  assertEquals(readSummary("ok | 9 passed | 0 failed\nFAILED | 1 passed | 1 failed (2ms)\n")?.failed, 1);
});

Deno.test("readSummary() is undefined when no test ran", () => {
  assertEquals(readSummary("error: Type checking failed.\n"), undefined);
});

Deno.test("closingLine() adds up, and is undefined where a run did not get to its tests", () => {
  const [a, b] = [{ passed: 3, failed: 0, skipped: 0 }, { passed: 4, failed: 2, skipped: 0 }];
  assertEquals(closingLine([a, b]), "7 passed, 2 failed");
  assertEquals(closingLine([a, { ...b, skipped: 5 }]), "7 passed, 2 failed, 5 skipped");
  assertEquals(closingLine([a, undefined]), undefined);
  assertEquals(closingLine([]), undefined);
});

Deno.test("dealt() gives every file to one group, neighbours to different ones", () => {
  assertEquals(dealt(["a", "b", "c", "d", "e"], 2), [["a", "d"], ["b", "e"], ["c"]]);
  assertEquals(dealt([], 2), []);
});

Deno.test("isDebianKin() knows Debian and its descendants from others", () => {
  assertEquals(isDebianKin('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n'), true);
  assertEquals(isDebianKin('NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n'), true);
  assertEquals(isDebianKin('NAME="Fedora Linux"\nID=fedora\nHOME_URL="https://debian.example"\n'), false);
  assertEquals(isDebianKin(""), false);
});

/** Runs `runProcess()` on a script in a process of its own, so that what is passed on can be read. */
async function passedOn(script: string, silence: number) {
  const module = new URL("../../tools/run_tests/process.ts", import.meta.url).href;
  const started = performance.now();
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["eval", "--no-lock"],
      `import { runProcess } from ${JSON.stringify(module)};
      const options = { env: {}, live: false, silence: ${silence} };
      const run = await runProcess(Deno.execPath(), ["eval", ${JSON.stringify(script)}], options);
      console.log(JSON.stringify(run));`,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { out, err, seconds: (performance.now() - started) / 1000 };
}

Deno.test("runProcess() passes on both outputs, and reads the summary", async () => {
  const { out, err } = await passedOn(
    'console.log("ok | 3 passed | 0 failed (1ms)"); console.error("odd"); Deno.exit(5);',
    60_000,
  );
  assertEquals(err, "odd\n");
  assertEquals(
    out,
    'ok | 3 passed | 0 failed (1ms)\n{"code":5,"summary":{"passed":3,"failed":0,"skipped":0}}\n',
  );
});

Deno.test("runProcess() ends a process that prints nothing any more, and says so after what it printed", async () => {
  const waiting = "'x' has been running for over (1m0s)";
  const script = `console.log("begun"); setInterval(() => console.log(${JSON.stringify(waiting)}), 1000);`;
  const { out, err } = await passedOn(script, 3600);
  assertMatch(out, /^begun\n('x' has been running for over \(1m0s\)\n){1,3}\{"code":124\}\n$/);
  assertEquals(err.trim(), "Stopped: it printed nothing for 0.06 minutes.");
});

Deno.test({
  name: "runProcess() does not wait for what a process has left running with its output open",
  ignore: Deno.build.os === "windows",
  async fn() {
    const left =
      'new Deno.Command("sleep", { args: ["60"] }).spawn().unref(); console.log("done"); Deno.exit(0);';
    const { out, seconds } = await passedOn(left, 50_000);
    assertEquals(out, 'done\n{"code":0}\n');
    assert(seconds < 40, `${seconds} s`);
  },
});
