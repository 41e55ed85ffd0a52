/** Processes that end in the middle: nothing half-written, and a rerun completes. */
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { Random } from "../../src/base/random.ts";
import { linesOf, runCommand, startCommand, startWriting } from "./command.ts";
import { filesIn, pixelsOf, withModel, writePhoto } from "./folder.ts";

const PHOTOS = 24;

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
      // It waits before it could be through, should this process be slow to look.
      const child = startCommand(args, { cwd: dir, waitInWrite: 5 });
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
      child.kill("SIGKILL");
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
    await writePhoto(`${dir}/in/large.png`, 73, 300, 200);
    const args = (output: string) => ["enhance", "in", "-o", output, "--model", model, "--device", "cpu"];
    const begun = [...args("out"), "--format", "tiff"];
    const killed = await startWriting(begun, dir, 1);
    killed.child.kill("SIGKILL");
    await killed.ended;
    const hidden = filesIn(`${dir}/out`);
    assertEquals(hidden.length, 1);
    assertMatch(hidden[0], /^\.large\.tiff\.[0-9a-f]{8}\.tmp$/);
    const rerun = await runCommand([...args("out"), "--format", "tiff"], { cwd: dir });
    assertEquals([rerun.code, filesIn(`${dir}/out`)], [0, ["large.tiff"]], rerun.stderr);
    const living = await startWriting([...args("other"), "--format", "tiff"], dir, 1);
    const temporary = filesIn(`${dir}/other`);
    const beside = await runCommand([...args("other"), "--format", "tiff"], { cwd: dir });
    assertEquals(beside.code, 0, beside.stderr);
    assertEquals(filesIn(`${dir}/other`), [...temporary, "large.tiff"]);
    await Deno.writeTextFile(`${dir}/go-on`, "");
    assertEquals((await living.ended).code, 0);
    assertEquals(filesIn(`${dir}/other`), ["large.tiff"]);
    assertEquals((await pixelsOf(`${dir}/other/large.tiff`)).width, 300);
  });
});

Deno.test("train removes what a train that was killed while it wrote has left", async () => {
  await withModel(async (dir) => {
    await writePhoto(`${dir}/photos/a.png`, 74, 64, 48);
    await writePhoto(`${dir}/photos/b.png`, 75, 64, 48);
    const args = [
      ...["train", "--data", "photos", "--out", "run", "--steps", "6", "--checkpoint-every", "1", "--batch"],
      ...["1", "--patch", "16", "--model-config", "base=4,depth=1,blocks=1", "--quiet"],
    ];
    // In the midst of its first write, with nothing to go on from, and of later ones, with a checkpoint.
    for (const [write, goesOn] of [[1, false], [5, true], [6, true]] as const) {
      const { child, ended } = await startWriting(args, dir, write);
      child.kill("SIGKILL");
      await ended;
      const left = filesIn(`${dir}/run`);
      assertEquals(left.filter((name) => name.startsWith(".")).length, 1, `${left}`);
      assertEquals(left.includes("checkpoint.safetensors"), goesOn);
      const rerun = await runCommand(goesOn ? [...args, "--resume"] : args, { cwd: dir });
      assertEquals(rerun.code, 0, rerun.stderr);
      assertEquals(filesIn(`${dir}/run`), [
        ...["checkpoint.safetensors", "history.csv", "history.svg", "model.safetensors"],
      ]);
      await Deno.remove(`${dir}/run`, { recursive: true });
    }
  });
});

Deno.test("enhance interrupted at any moment exits with 130, leaves whole photos and no temporary file, and a rerun does the rest", async () => {
  const random = new Random(72);
  await withPhotos(async (dir, args, names) => {
    for (const [round, signal] of (["SIGINT", "SIGTERM", "SIGINT"] as const).entries()) {
      // As above; what is being written when the signal comes is written to its end.
      const child = startCommand(args, { cwd: dir, waitInWrite: 5 });
      const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
      let stderr = "";
      while (!/ → |Using/.test(stderr) || (round > 0 && !stderr.includes(" → "))) {
        const { value, done } = await reader.read();
        if (done) break;
        stderr += value;
      }
      await new Promise((resolve) => setTimeout(resolve, random.below(30)));
      child.kill(signal);
      await Deno.writeTextFile(`${dir}/go-on`, "");
      for (let next = await reader.read(); !next.done; next = await reader.read()) stderr += next.value;
      await child.stdout.cancel();
      assertEquals((await child.status).code, 130, stderr);
      await Deno.remove(`${dir}/go-on`);
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
