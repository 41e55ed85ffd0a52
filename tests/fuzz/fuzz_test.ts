import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "../assert.ts";

const RUNNER = fileURLToPath(new URL("run.ts", import.meta.url));
const CASES = Number(Deno.env.get("FUZZ_CASES") ?? 3000);
/** Always the same ones, so that a failure comes back; FUZZ_SEED=… searches elsewhere. */
const SEED = Number(Deno.env.get("FUZZ_SEED") ?? 1);
/** Longer than any case may hang. */
const PATIENCE = 120_000;

Deno.test(`decodePhoto() and enhance survive ${CASES} damaged files of every format (FUZZ_SEED=${SEED})`, async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", RUNNER, String(SEED), String(CASES)],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const again = (number: string) => `FUZZ_SEED=${SEED}: deno run -A tests/fuzz/run.ts ${SEED} 1 ${number}`;
  let output = "";
  let patience: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    clearTimeout(patience);
    patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  };
  wait();
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += text;
      wait();
    }
  })();
  const errors = new Response(child.stderr).text();
  const { code, signal } = await child.status;
  await reading;
  clearTimeout(patience);
  const lines = output.trim().split("\n");
  assertEquals(
    [code, signal],
    [0, null],
    `the process ended at a damaged file; ${again(lines.at(-1)!)}\n${await errors}`,
  );
  const { tally, enhanced, faults } = JSON.parse(lines.at(-1)!);
  assertEquals(
    faults.map((fault: string) => `${again(/\d+/.exec(fault)![0])}\n${fault}`),
    [],
  );
  // The damage is neither so slight that all is read nor so great that nothing is.
  assertEquals(Object.keys(tally).sort(), ["avif", "gif", "jpeg", "png", "tiff", "webp"]);
  for (const [format, { read, refused }] of Object.entries<{ read: number; refused: number }>(tally)) {
    assert(refused > 0 && (CASES < 1000 || read > 0), `${format}: ${read} read, ${refused} refused`);
  }
  assertEquals(enhanced, Math.ceil(CASES / 20));
});
