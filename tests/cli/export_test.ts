import { InferenceSession, Tensor } from "onnxruntime-node";
import { loadModel } from "../../src/nn/models.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { runCommand } from "./command.ts";
import { withModel } from "./folder.ts";

Deno.test("export --to safetensors and models import give the very same model file", async () => {
  await withModel(async (dir, model) => {
    const [exported, back] = [`${dir}/pytorch.safetensors`, `${dir}/back.safetensors`];
    const first = await runCommand(["export", model, "--to", "safetensors", "--out", exported]);
    assertEquals([first.code, first.stderr], [0, ""]);
    assertMatch(first.stdout, /pytorch\.safetensors: safetensors in PyTorch's layout, \d+ bytes\n/);
    assert(String(await Deno.readFile(exported)) !== String(await Deno.readFile(model)));
    const second = await runCommand(["models", "import", exported, "--out", back]);
    assertEquals([second.code, second.stderr], [0, ""]);
    assertEquals(await Deno.readFile(back), await Deno.readFile(model));
    assertEquals(await loadModel(back), await loadModel(model));

    const again = await runCommand(["models", "import", exported, "--out", back]);
    assertEquals(again.code, 2);
    assertMatch(
      again.stderr,
      /^clairnet: ".*back\.safetensors" exists: choose another --out, or add --overwrite\n$/,
    );
    const over = await runCommand(["models", "import", exported, "--out", back, "--overwrite"]);
    assertEquals(over.code, 0);
    const ours = await runCommand(["models", "import", model, "--out", `${dir}/x.safetensors`]);
    assertEquals(ours.code, 1);
    assertMatch(ours.stderr, /is a model of Clairnet already/);
  });
});

Deno.test("export --to onnx writes a model that onnxruntime runs on a picture of any size", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const out = `${folder}/photo.onnx`;
    const { code, stderr } = await runCommand(["export", "photo", "--to", "onnx", "--out", out]);
    assertEquals([code, stderr], [0, ""]);
    const session = await InferenceSession.create(await Deno.readFile(out));
    const image = new Tensor("float32", new Float32Array(3 * 13 * 21).fill(0.5), [1, 3, 13, 21]);
    const { restored } = await session.run({ image });
    assertEquals(restored.dims, [1, 3, 13, 21]);
    assert((restored.data as Float32Array).every((value) => Math.abs(value - 0.5) < 0.05));
    await session.release();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("export says in one line what is missing or wrong", async () => {
  for (
    const [args, pattern] of [
      [["photo", "--out", "x"], /--to/],
      [["photo", "--to", "onnx"], /--out/],
      [["photo", "--to", "tflite", "--out", "x"], /tflite.*onnx, safetensors/],
      [["phtoo", "--to", "onnx", "--out", "/nowhere/x"], /no model "phtoo"/],
    ] as const
  ) {
    const { code, stderr } = await runCommand(["export", ...args]);
    assertEquals(code, 2);
    assertMatch(stderr, pattern);
    assertEquals(stderr.trim().split("\n").length, 1);
  }
});

Deno.test("export and models import never replace the file that they read, nor a folder", () =>
  withModel(async (dir) => {
    const model = await Deno.readFile(`${dir}/model.safetensors`);
    await Deno.symlink("model.safetensors", `${dir}/link.safetensors`);
    await Deno.mkdir(`${dir}/folder`);
    for (
      const [args, pattern] of [
        [
          ["export", "link.safetensors", "--to", "onnx", "--out", "model.safetensors"],
          /is the file to read: choose/,
        ],
        [
          ["models", "import", "model.safetensors", "--out", "./model.safetensors"],
          /is the file to read: choose/,
        ],
        [["export", "model.safetensors", "--to", "onnx", "--out", "folder"], /"folder" is a folder: choose/],
      ] as const
    ) {
      const { code, stdout, stderr } = await runCommand([...args, "--overwrite"], { cwd: dir });
      assertEquals([code, stdout, stderr.trim().split("\n").length], [2, "", 1], stderr);
      assertMatch(stderr, pattern);
    }
    assertEquals(await Deno.readFile(`${dir}/model.safetensors`), model);
  }));
