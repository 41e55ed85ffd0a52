import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { linesOf, runCommand, startCommand, whileRunning } from "../cli/command.ts";
import { withFolder } from "../data/photos.ts";
import { loadCheckpoint } from "../../src/train/checkpoint.ts";
import { loadModel } from "../../src/nn/models.ts";
import { weightsOf, writePhotos } from "./runs.ts";

const STEPS = 96;
const BETWEEN_CHECKPOINTS = 8;

/** The command that is interrupted: the folder to train into, and what is added to it. */
const command = (out: string, ...more: string[]) => [
  ...["train", "--data", "photos", "--out", out, "--steps", String(STEPS), "--batch", "2", "--patch", "16"],
  ...["--checkpoint-every", String(BETWEEN_CHECKPOINTS), "--model-config", "base=4,depth=1,blocks=1"],
  ...["--degrade", "gaussian:40", "--held-out", "0.25", "--lr", "3e-3", ...more],
];

/** Step of the checkpoint that lies in a folder; 0 where there is none yet. */
async function checkpointStep(out: string): Promise<number> {
  const path = `${out}/checkpoint.safetensors`;
  if (await Deno.stat(path).then(() => false, () => true)) return 0;
  return (await loadCheckpoint(path)).step;
}

/** Starts a training and signals it as soon as its checkpoint has passed a step. @returns exit status and standard error. */
async function interrupted(
  dir: string,
  args: readonly string[],
  out: string,
  pastStep: number,
  signal: Deno.Signal,
) {
  const child = startCommand(args, { cwd: dir });
  const ended = child.output();
  const caught = await whileRunning(
    ended,
    async () => await checkpointStep(out) > pastStep ? true : undefined,
  );
  assert(caught, "no checkpoint was seen");
  child.kill(signal);
  const { code, signal: killedBy, stderr } = await ended;
  return { code, killedBy, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("train goes on after kill -9 and after Ctrl-C to the bits of a run that was never stopped", async (test) => {
  await withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`);
    const straight = await runCommand(command("straight"), { cwd: dir });
    assertEquals(straight.code, 0, straight.stderr);
    const weights = await weightsOf(`${dir}/straight/model.safetensors`);
    const { state } = await loadCheckpoint(`${dir}/straight/checkpoint.safetensors`);
    const history = await Deno.readTextFile(`${dir}/straight/history.csv`);

    const finish = async (out: string) => {
      const { code, stderr } = await runCommand(command(out, "--resume"), { cwd: dir });
      assertEquals(code, 0, stderr);
      assertEquals(await weightsOf(`${dir}/${out}/model.safetensors`), weights);
      assertEquals((await loadCheckpoint(`${dir}/${out}/checkpoint.safetensors`)).state, state);
    };

    await test.step("killed twice", async () => {
      let at = 0;
      for (const more of [[], ["--resume"]]) {
        const { killedBy } = await interrupted(
          dir,
          command("killed", ...more),
          `${dir}/killed`,
          at,
          "SIGKILL",
        );
        assertEquals(killedBy, "SIGKILL");
        const step = await checkpointStep(`${dir}/killed`);
        assert(step > at && step < STEPS && step % BETWEEN_CHECKPOINTS === 0, `step ${step}`);
        at = step;
        await assertRejects(Deno.stat(`${dir}/killed/model.safetensors`), Deno.errors.NotFound);
      }
      await finish("killed");
      assertEquals(await Deno.readTextFile(`${dir}/killed/history.csv`), history);
    });

    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      await test.step(`stopped by ${signal}`, async () => {
        const { code, stderr } = await interrupted(dir, command(signal), `${dir}/${signal}`, 0, signal);
        assertEquals(code, 130, stderr);
        const last = linesOf(stderr).at(-1)!;
        assertMatch(
          last,
          /^clairnet: stopped at step \d+ of 96; the same command with --resume goes on from there, and enhance --model \S+ shows/,
        );
        const { info } = await loadModel(`${dir}/${/--model (\S+) /.exec(last)![1]}`);
        assertEquals(info.steps, Number(/step (\d+)/.exec(last)![1]));
        // The very step that it had reached, not the last one that was due.
        assertEquals(await checkpointStep(`${dir}/${signal}`), Number(/step (\d+)/.exec(last)![1]));
        // Both take the same way from there.
        if (signal === "SIGINT") await finish(signal);
      });
    }
  });
});
