import { assert, assertEquals, assertMatch } from "../assert.ts";
import { writePhotos } from "../train/runs.ts";
import { linesOf, runCommand } from "./command.ts";
import { withModel } from "./folder.ts";

/** Where Deno keeps its packages, which would move with the cache folder. */
const { denoDir } = JSON.parse(
  new TextDecoder().decode(
    (await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output()).stdout,
  ),
) as { denoDir: string };

const QUICK = [
  ...["--data", "photos", "--degrade", "gaussian:10", "--steps", "1", "--batch", "1", "--patch", "16"],
  ...["--model-config", "base=8,depth=0,blocks=1"],
];

Deno.test({
  name: "train --tune measures and remembers, doctor shows it, and a damaged file costs one line (Linux)",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withModel(async (dir) => {
      await writePhotos(`${dir}/photos`, 2);
      const env = { XDG_CACHE_HOME: `${dir}/cache`, DENO_DIR: denoDir };
      let runs = 0;
      const train = async (args: readonly string[], more: Parameters<typeof runCommand>[1] = {}) => {
        const call = ["train", ...QUICK, "--out", `run${runs++}`, ...args];
        const { code, stderr } = await runCommand(call, { cwd: dir, env, ...more });
        assertEquals(code, 0, stderr);
        return linesOf(stderr);
      };
      const doctor = (args: readonly string[], more: Parameters<typeof runCommand>[1] = {}) =>
        runCommand(["doctor", ...args], { cwd: dir, env, ...more });
      const file = `${dir}/cache/clairnet/tuning.json`;

      const tuned = await train(["--tune"]);
      assertMatch(tuned[2], /^Measuring the kernels on .*, for some 60 seconds at most$/);
      // enc0.0 forward and its weights, out with the gradient of its input as well.
      assertMatch(tuned[3], /^Measured the kernels of \d convolutions in .*; kept in .*tuning\.json$/);
      const found = JSON.parse((await doctor(["--json"])).stdout).tuning;
      // Fewer on a machine that is so busy that a minute does not do.
      assert(found.path === file && found.choices.length >= 1 && found.choices.length <= 5);
      assertMatch(found.choices[0].layer, /^(forward|weight-gradient|input-gradient) 1×16×16 \d→\d 3×3 \/1$/);
      assert(Date.parse(found.tuned) <= Date.now());
      const { stdout } = await doctor([]);
      assertMatch(stdout, /^kernels +measured on \d{4}-\d\d-\d\d for \d convolutions, kept in /m);
      assertMatch(
        stdout,
        /^ +(forward|weight-gradient|input-gradient) 1×16×16 .* 3×3 \/1: \w+ [\d.e+-]+ ms/m,
      );

      await Deno.writeTextFile(file, "damaged");
      const complaint = /^The kernel choices in .*tuning\.json are not used: /;
      const complaints = (lines: readonly string[]) => lines.filter((line) => complaint.test(line)).length;
      assertEquals(complaints(await train([])), 1);
      assertEquals(complaints(await train(["--no-tune"])), 0);
      // Without the permission to know the folder there is no look at it, and no question.
      const variables = "npm_package_config_libvips,MALLOC_ARENA_MAX,XDG_RUNTIME_DIR,DENO_WEBGPU_BACKEND";
      const permissions = ["--no-prompt", "--allow-read", `--allow-write=${dir}`, "--allow-ffi"];
      const narrow = { permissions: [...permissions, `--allow-env=${variables}`] };
      const blind = await doctor(["--json"], narrow);
      assertEquals([JSON.parse(blind.stdout).tuning, blind.stderr], [null, ""]);
      const lines = await train(["--tune"], narrow);
      const unkept = "The choices are not kept: there is no cache folder, or no permission to know it";
      assert(lines.includes(unkept), lines.join("\n"));
    }),
});

Deno.test("enhance --tune measures the kernels on --device gpu, and says that the CPU has none", async () => {
  await withModel(async (dir, model) => {
    await writePhotos(`${dir}/photos`, 1);
    const env = { XDG_CACHE_HOME: `${dir}/cache`, HOME: dir, LOCALAPPDATA: dir, DENO_DIR: denoDir };
    const call = ["enhance", "photos/photo0.png", "--model", model, "--tune", "--tile", "32"];
    const gpu = await runCommand([...call, "-o", "a.png", "--device", "gpu"], { cwd: dir, env });
    assertEquals(gpu.code, 0, gpu.stderr);
    assertMatch(gpu.stderr, /^Measured the kernels of \d+ convolutions in .*; kept in .*tuning\.json$/m);
    const cpu = await runCommand([...call, "-o", "b.png", "--device", "cpu"], { cwd: dir, env });
    assertEquals(cpu.code, 0, cpu.stderr);
    assertMatch(cpu.stderr, /^There are no kernels to measure on the CPU: --device gpu takes the shaders$/m);
  });
});
