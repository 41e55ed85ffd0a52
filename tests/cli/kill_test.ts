/** Processes that end in the middle: nothing half-written, and a rerun completes. */
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { Random } from "../../src/base/random.ts";
import { linesOf, runCommand, startCommand, whileRunning } from "./command.ts";
import { filesIn, pixelsOf, withModel, writePhoto } from "./folder.ts";

const PHOTOS = 24;

/** How often a test tries to catch a process in the midst of a write, which a busy machine may make it miss. */
const TRIES = 30;

/** A folder of photos large enough that writing one takes its time. */
async function withPhotos(run: (dir: string, args: string[], names: string[]) => Promise<void>) {
  await withModel(async (dir, model) => {
    const names = Array.from({ length: PHOTOS }, (_, i) => `${String(i).padStart(2, "0")}.png`);
    await writePhoto(`${dir}/in/${names[0]}`, 70, 260, 200);
    for (const name of names.slice(1)) await Deno.copyFile(`${dir}/in/${names[0]}`, `${dir}/in/${name}`);
    await run(
      dir,
      ["enhance", "in", "-o", "out", "--model", model, "--device", "cpu", "--tile", "48"],
      names,
    );
  });
}

/** Names of finished photos; what was killed in the middle may leave hidden temporary files, and nothing else. */
function finished(dir: string): string[] {
  const all = (() => {
    try {
      return filesIn(dir);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  })();
  const hidden = all.filter((name) => name.startsWith("."));
  for (const name of hidden) assertMatch(name, /^\.\d\d\.png\.[0-9a-f]{8}\.tmp$/);
  return all.filter((name) => !name.startsWith("."));
}

Deno.test("enhance killed at any moment leaves no part of a photo under its name, and a rerun does the rest", async () => {
  const random = new Random(71);
  await withPhotos(async (dir, args, names) => {
    let kept: string[] = [];
    for (let round = 0; round < 4; round++) {
      const child = startCommand(args, { cwd: dir });
      const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
      // Killed a few milliseconds after some photo is done: while others are decoded, worked on, encoded or written.
      const wanted = 1 + random.below(3);
      let seen = "";
      while (seen.split(" → ").length <= wanted) {
        const { value, done } = await reader.read();
        if (done) break;
        seen += value;
      }
      await new Promise((resolve) => setTimeout(resolve, random.below(40)));
      try {
        child.kill("SIGKILL");
      } catch {
        // It was through already.
      }
      await reader.cancel();
      await child.stdout.cancel();
      await child.status;
      const there = finished(`${dir}/out`);
      for (const name of there) assertEquals((await pixelsOf(`${dir}/out/${name}`)).width, 260, name);
      assert(kept.every((name) => there.includes(name)), "a finished photo has vanished");
      assert(there.length > kept.length, `${there.length} photos after round ${round}`);
      kept = there;
    }
    const { code, stderr } = await runCommand(args, { cwd: dir });
    assertEquals(code, 0, stderr);
    assertEquals(finished(`${dir}/out`), names);
    const first = await Deno.readFile(`${dir}/out/${names[0]}`);
    for (const name of names) assertEquals(await Deno.readFile(`${dir}/out/${name}`), first, name);
    assertMatch(
      stderr,
      new RegExp(`^${PHOTOS - kept.length} of ${PHOTOS} photos done in .* ${kept.length} skipped`, "m"),
    );
  });
});

Deno.test("enhance removes what an enhance that was killed while it wrote has left, and leaves a living one's alone", async () => {
  await withModel(async (dir, model) => {
    // Large enough that writing one cannot be missed.
    await writePhoto(`${dir}/in/large.png`, 73, 1000, 800);
    const args = (output: string) => ["enhance", "in", "-o", output, "--model", model, "--device", "cpu"];
    const end = async (child: Deno.ChildProcess) => {
      await child.stdout.cancel();
      await child.stderr.cancel();
      return (await child.status).code;
    };
    const writing = (output: string) => () => {
      const begun = [...Deno.readDirSync(dir)].some(({ name }) => name === output);
      return begun ? filesIn(`${dir}/${output}`).find((name) => name.startsWith(".")) : undefined;
    };
    /** Sends a signal while a photo is being written. Where it has come too late, another try is due. */
    const caught = async (output: string, signal: Deno.Signal) => {
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const child = startCommand([...args(output), "--format", "tiff", "--quiet"], { cwd: dir });
        const hidden = await whileRunning(child.status, writing(output));
        try {
          child.kill(signal);
        } catch {
          // It was through already.
        }
        if (signal === "SIGKILL") await end(child);
        if (hidden !== undefined && filesIn(`${dir}/${output}`).includes(hidden)) return { child, hidden };
        if (signal === "SIGSTOP") {
          try {
            child.kill("SIGCONT");
          } catch {
            // As above.
          }
          await end(child);
        }
        await Deno.remove(`${dir}/${output}`, { recursive: true });
      }
      throw new Error(`in ${TRIES} tries no photo was seen while it was written`);
    };
    const { hidden } = await caught("out", "SIGKILL");
    assertEquals(filesIn(`${dir}/out`), [hidden]);
    const rerun = await runCommand([...args("out"), "--format", "tiff"], { cwd: dir });
    assertEquals([rerun.code, filesIn(`${dir}/out`)], [0, ["large.tiff"]], rerun.stderr);
    if (Deno.build.os === "windows") return;
    const { child } = await caught("other", "SIGSTOP");
    const beside = await runCommand([...args("other"), "--format", "tiff"], { cwd: dir });
    assertEquals(beside.code, 0, beside.stderr);
    child.kill("SIGCONT");
    assertEquals(await end(child), 0);
    assertEquals(filesIn(`${dir}/other`), ["large.tiff"]);
    assertEquals((await pixelsOf(`${dir}/other/large.tiff`)).width, 1000);
  });
});

Deno.test("train removes what a train that was killed while it wrote has left", async () => {
  await withModel(async (dir) => {
    await writePhoto(`${dir}/photos/a.png`, 74, 64, 48);
    await writePhoto(`${dir}/photos/b.png`, 75, 64, 48);
    const args = [
      ...["train", "--data", "photos", "--out", "run", "--steps", "6", "--checkpoint-every", "1", "--batch"],
      ...["1", "--patch", "16", "--model-config", "base=8,depth=4,blocks=1,activation=relu", "--quiet"],
    ];
    const hidden = () => {
      try {
        return filesIn(`${dir}/run`).filter((name) => name.startsWith("."));
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return [];
        throw error;
      }
    };
    // Each step writes a checkpoint of some megabytes. Where the signal has come between two of them, another try is due.
    for (let attempt = 0; attempt < TRIES && hidden().length === 0; attempt++) {
      await Deno.remove(`${dir}/run`, { recursive: true }).catch(() => {});
      const child = startCommand(args, { cwd: dir });
      await whileRunning(child.status, () => hidden()[0]);
      try {
        child.kill("SIGKILL");
      } catch {
        // It was through already.
      }
      await child.stdout.cancel();
      await child.stderr.cancel();
      await child.status;
    }
    assert(hidden().length > 0, `in ${TRIES} tries no checkpoint was seen while it was written`);
    const there = filesIn(`${dir}/run`).includes("checkpoint.safetensors");
    const rerun = await runCommand(there ? [...args, "--resume"] : args, { cwd: dir });
    assertEquals(rerun.code, 0, rerun.stderr);
    assertEquals(filesIn(`${dir}/run`), [
      ...["checkpoint.safetensors", "history.csv", "history.svg", "model.safetensors"],
    ]);
  });
});

Deno.test("enhance interrupted at any moment exits with 130, leaves whole photos and no temporary file, and a rerun does the rest", async () => {
  const random = new Random(72);
  await withPhotos(async (dir, args, names) => {
    for (const [round, signal] of (["SIGINT", "SIGTERM", "SIGINT"] as const).entries()) {
      const child = startCommand(args, { cwd: dir });
      const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
      let stderr = "";
      while (!/ → |Using/.test(stderr) || (round > 0 && !stderr.includes(" → "))) {
        const { value, done } = await reader.read();
        if (done) break;
        stderr += value;
      }
      await new Promise((resolve) => setTimeout(resolve, random.below(30)));
      child.kill(signal);
      for (let next = await reader.read(); !next.done; next = await reader.read()) stderr += next.value;
      await child.stdout.cancel();
      assertEquals((await child.status).code, 130, stderr);
      assertMatch(linesOf(stderr).at(-1)!, /^clairnet: interrupted; /);
      const there = finished(`${dir}/out`);
      assert(there.length < PHOTOS);
      // Whatever was being written is finished or gone.
      assertEquals(filesIn(dir).filter((name) => name.endsWith(".tmp")), []);
      for (const name of there) assertEquals((await pixelsOf(`${dir}/out/${name}`)).width, 260, name);
    }
    assertEquals((await runCommand(args, { cwd: dir })).code, 0);
    assertEquals(finished(`${dir}/out`), names);
  });
});
