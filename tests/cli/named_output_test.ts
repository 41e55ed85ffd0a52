/** Files that a person names for results, of every command: made with the folders that lead there, or refused in one line. */
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { linesOf, runCommand } from "./command.ts";
import { filesIn, withModel, writePhoto } from "./folder.ts";

/** Calls by the path they write to. */
const CALLS: ((path: string) => string[])[] = [
  (
    path,
  ) => [
    "evaluate",
    "--data",
    "photos",
    "--model",
    "none",
    "--against",
    "median",
    "--degrade",
    "blur:1",
    "--report",
    path,
  ],
  (path) => ["export", "model.safetensors", "--to", "onnx", "--overwrite", "--out", path],
  (path) => ["models", "import", "torch.safetensors", "--overwrite", "--out", path],
  (path) => ["dataset", "info", "set", "--sheet", path],
  (
    path,
  ) => [
    "enhance",
    "photos/a.png",
    "--device",
    "cpu",
    "--model",
    "model.safetensors",
    "--overwrite",
    "--format",
    "png",
    "-o",
    path,
  ],
];

Deno.test("a result goes into folders that are not there yet, and one that cannot be written is said in one line with its name", async () => {
  await withModel(async (dir) => {
    await writePhoto(`${dir}/photos/a.png`, 90, 40, 40);
    await Deno.writeTextFile(`${dir}/file`, "no folder");
    for (
      const args of [
        ["dataset", "build", "--from", "photos", "--out", "set", "--size", "16"],
        ["export", "model.safetensors", "--to", "safetensors", "--out", "torch.safetensors"],
      ]
    ) assertEquals((await runCommand(args, { cwd: dir })).code, 0);
    for (const [index, call] of CALLS.entries()) {
      const made = await runCommand(call(`new/${index}/result.bin`), { cwd: dir });
      assertEquals(made.code, 0, made.stderr);
      assertEquals(filesIn(`${dir}/new/${index}`), ["result.bin"]);
      const refused = await runCommand(call("file/result.bin"), { cwd: dir });
      const complaints = linesOf(refused.stderr).filter((line) => line.startsWith("clairnet: "));
      // These look before their work, which takes longer than that of the others.
      const [command] = call("");
      const early = ["enhance", "evaluate", "dataset"].includes(command);
      assertEquals([refused.code, complaints.length], [early ? 2 : 1, 1], refused.stderr);
      assertMatch(
        complaints[0],
        command === "enhance"
          ? /^clairnet: Cannot enhance: no file can be made in file: a part of its path is no folder; name /
          : /^clairnet: Cannot write file\/result\.bin: (there is a file of that name|a part of its path is no folder)(; choose another --(report|sheet))?$/,
      );
      if (early) assertEquals(refused.stdout, "");
    }
    assertEquals(await Deno.readTextFile(`${dir}/file`), "no folder");
  });
});

Deno.test({
  name: "what standard output does not take is said in one line",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withModel(async (dir) => {
      const info = ["models", "info", "model.safetensors"];
      const onnx = ["export", "model.safetensors", "--to", "onnx", "--out", "model.onnx"];
      for (const args of [info, [...info, "--json"], ["models", "list"], ["completion", "fish"], onnx]) {
        const { code, stderr } = await runCommand(args, {
          cwd: dir,
          through: ["sh", "-c", 'exec "$@" > /dev/full', "sh"],
        });
        assertEquals([code, stderr], [1, "clairnet: Cannot write standard output: the disk is full\n"]);
      }
    }),
});

Deno.test("what cannot be read is said in a person's words", async () => {
  await withModel(async (dir) => {
    await Deno.mkdir(`${dir}/folder.safetensors`);
    const calls: [string[], RegExp][] = [
      [
        ["models", "info", "folder.safetensors"],
        /^clairnet: Cannot read the model "folder\.safetensors": it is a folder; give the \.safetensors file in it$/,
      ],
      [
        ["enhance", "https://example.org/a.jpg", "-o", "x.png"],
        /^clairnet: Cannot read https:\/\/example\.org\/a\.jpg: it is an address; give the path of a file$/,
      ],
      [["enhance", "", "-o", "x.png"], /^clairnet: Cannot read "": there is no such file$/],
      [
        ["train", "--data", ".", "--out", "run", "--only", "list.txt"],
        /^clairnet: Cannot read the list list\.txt: there is no such file$/,
      ],
    ];
    for (const [args, expected] of calls) {
      const { code, stderr } = await runCommand(args, { cwd: dir });
      assert(code !== 0);
      assertMatch(linesOf(stderr).at(-1)!, expected);
    }
    if (Deno.build.os !== "linux") return;
    // A name that is no UTF-8, as old archives hold.
    await writePhoto(`${dir}/in/plain.png`, 91, 20, 20);
    const moved = await new Deno.Command("sh", {
      args: ["-c", `mv plain.png "$(printf 'caf\\351.png')"`],
      cwd: `${dir}/in`,
    })
      .output();
    assert(moved.success);
    const { code, stderr } = await runCommand(["enhance", "in", "-o", "out", "--device", "cpu"], {
      cwd: dir,
    });
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /^clairnet: Cannot read in\/caf\ufffd\.png: its name cannot be read as UTF-8; rename it$/m,
    );
  });
});

Deno.test("a report or a sheet replaces no photo and nothing else but an older page, and says so before the work", () =>
  withModel(async (dir) => {
    await writePhoto(`${dir}/photos/a.png`, 90, 40, 40);
    const photo = await Deno.readFile(`${dir}/photos/a.png`);
    await Deno.writeTextFile(`${dir}/b.jpg`, "a photo");
    const set = ["dataset", "build", "--from", "photos", "--out", "set", "--size", "16"];
    assertEquals((await runCommand(set, { cwd: dir })).code, 0);
    const report = CALLS[0];
    const sheet = (path: string) => ["dataset", "info", "set", "--sheet", path];
    const calls: [string[], RegExp][] = [
      [
        report("photos/a.png"),
        /^clairnet: Cannot write photos\/a\.png: it holds other things; choose another --re/,
      ],
      [report("photos"), /^clairnet: Cannot write photos: it is a folder; choose another --report$/],
      [sheet("b.jpg"), /^clairnet: Cannot write b\.jpg: it exists; choose another --sheet$/],
      [
        sheet("look.png"),
        /^clairnet: Cannot write look\.png: the contact sheet is a JPEG; give --sheet a name that ends with \.jpg$/,
      ],
      [
        ["dataset", "info", "photos/a.png"],
        /^clairnet: 'photos\/a\.png' is a file: give the folder of a built/,
      ],
    ];
    for (const [args, expected] of calls) {
      const { code, stdout, stderr } = await runCommand(args, { cwd: dir });
      assertEquals([code === 0, stdout, linesOf(stderr).length], [false, "", 1], stderr);
      assertMatch(stderr.trimEnd(), expected);
    }
    assertEquals(await Deno.readFile(`${dir}/photos/a.png`), photo);
    for (let run = 0; run < 2; run++) {
      const { code, stderr } = await runCommand(report("report.html"), { cwd: dir });
      assertEquals([code, stderr], [0, "Report: report.html\n"]);
    }
  }));
