import { assert, assertEquals, assertMatch, assertThrows } from "../assert.ts";
import { shardFromEnvironment } from "../../src/cli/shard_environment.ts";
import { UserError } from "../../src/base/errors.ts";
import { linesOf, runCommand } from "./command.ts";
import { filesIn, withModel, writePhoto } from "./folder.ts";

const from = (variables: Record<string, string>) => shardFromEnvironment((name) => variables[name]);

Deno.test("shardFromEnvironment() reads a Slurm array, wherever its numbers begin and whatever their step", () => {
  const slurm = (id: number, count: number, more: Record<string, string> = {}) =>
    from({ SLURM_ARRAY_TASK_ID: `${id}`, SLURM_ARRAY_TASK_COUNT: `${count}`, ...more })!.shard;
  assertEquals(slurm(0, 4), { index: 1, count: 4 });
  assertEquals(slurm(3, 4, { SLURM_ARRAY_TASK_MIN: "0" }), { index: 4, count: 4 });
  assertEquals(slurm(4, 4, { SLURM_ARRAY_TASK_MIN: "1", SLURM_ARRAY_TASK_STEP: "1" }), {
    index: 4,
    count: 4,
  });
  const stepped = [10, 15, 20].map((id) =>
    slurm(id, 3, { SLURM_ARRAY_TASK_MIN: "10", SLURM_ARRAY_TASK_STEP: "5" }).index
  );
  assertEquals(stepped, [1, 2, 3]);
});

Deno.test("shardFromEnvironment() reads a Kubernetes Indexed Job, and nothing outside of a cluster", () => {
  assertEquals(from({ JOB_COMPLETION_INDEX: "0", JOB_COMPLETION_COUNT: "8" }), {
    shard: { index: 1, count: 8 },
    variable: "JOB_COMPLETION_INDEX",
  });
  assertEquals(from({ JOB_COMPLETION_INDEX: "7", JOB_COMPLETION_COUNT: "8" })!.shard.index, 8);
  assertEquals(from({ HOME: "/root", JOB_COMPLETION_COUNT: "8" }), undefined);
});

Deno.test("shardFromEnvironment() refuses variables that do not go together", () => {
  const cases: [Record<string, string>, RegExp][] = [
    [
      { JOB_COMPLETION_INDEX: "2" },
      /JOB_COMPLETION_COUNT is not set; set it to a whole number, or give --shard/,
    ],
    [{ SLURM_ARRAY_TASK_ID: "2" }, /SLURM_ARRAY_TASK_COUNT is not set/],
    [{ JOB_COMPLETION_INDEX: "8", JOB_COMPLETION_COUNT: "8" }, /is 8, outside of JOB_COMPLETION_COUNT 8/],
    [{ JOB_COMPLETION_INDEX: "0", JOB_COMPLETION_COUNT: "many" }, /JOB_COMPLETION_COUNT is "many"/],
    [
      { SLURM_ARRAY_TASK_ID: "12", SLURM_ARRAY_TASK_COUNT: "3", SLURM_ARRAY_TASK_STEP: "5" },
      /SLURM_ARRAY_TASK_ID is 12, outside/,
    ],
  ];
  for (const [variables, expected] of cases) {
    assertThrows(() => from(variables), (error: Error) => {
      assert(error instanceof UserError && error.exitCode === 2);
      assertMatch(error.message, expected);
      return true;
    });
  }
});

Deno.test("enhance takes its part of a folder from a cluster's variables, all of a named photo, and --shard before both", async () => {
  await withModel(async (dir, model) => {
    for (let i = 0; i < 5; i++) await writePhoto(`${dir}/in/${i}.png`, 40 + i, 20, 16);
    const env = { JOB_COMPLETION_INDEX: "1", JOB_COMPLETION_COUNT: "2" };
    const run = (args: string[]) =>
      runCommand(["enhance", ...args, "--model", model, "--device", "cpu"], { cwd: dir, env });
    const { code, stderr } = await run(["in", "-o", "out"]);
    assertEquals([code, filesIn(`${dir}/out`)], [0, ["1.png", "3.png"]]);
    assertEquals(linesOf(stderr)[0], "Doing part 2 of 2, as JOB_COMPLETION_INDEX says (--shard 1/1: all)");
    assertEquals((await run(["in/0.png", "-o", "named/"])).code, 0);
    assertEquals(filesIn(`${dir}/named`), ["0.png"]);
    assertEquals((await run(["in", "-o", "all", "--shard", "1/1"])).code, 0);
    assertEquals(filesIn(`${dir}/all`).length, 5);
    const none = await run(["in", "-o", "none", "--shard", "9/9"]);
    assertEquals([none.code, none.stderr], [0, "Part 9 of 9 has no photo\n"]);
  });
});
