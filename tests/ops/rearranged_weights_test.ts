import { assert, assertEquals } from "../assert.ts";
import { rangeOf, Recorder } from "../../src/gpu/recorder.ts";
import type { Tensor } from "../../src/gpu/tensor.ts";
import { conv2d, type ConvVariant } from "../../src/ops/conv2d.ts";
import { ParameterSet } from "../../src/ops/parameter.ts";
import { testGpu } from "../gpu/shared.ts";

/** A chain of 3×3 convolutions of so many channels, with its gradients. */
async function chain(
  channels: readonly number[],
  variant: ConvVariant,
  training: boolean,
): Promise<Recorder> {
  const shapes = channels.slice(1).map((out, i) => [3, 3, channels[i], out]);
  using parameters = new ParameterSet(
    await testGpu(),
    shapes.flatMap((shape, i) => [
      { name: `conv${i}.weight`, shape },
      { name: `conv${i}.bias`, shape: [shape[3]] },
    ]),
  );
  const rec = new Recorder({ training });
  let value: Tensor = rec.input("x", [1, 8, 8, channels[0]]);
  shapes.forEach((shape, i) => {
    const options = {
      name: `conv${i}`,
      kernel: 3,
      stride: 1,
      outChannels: shape[3],
      activation: "relu",
    } as const;
    value = conv2d(rec, [value], parameters, options, { variant });
  });
  if (training) {
    rec.gradientInput("dy", value);
    rec.backward();
  }
  return rec;
}

const rearranging = ({ dispatches }: Recorder) =>
  dispatches.filter(({ kernel }) => kernel.name === "conv2d_pack" || kernel.name === "winograd_weights");

for (const [variant, kernel] of [["tile8", "conv2d_pack"], ["winograd4", "winograd_weights"]] as const) {
  Deno.test(`rearranged() makes the weights of all layers in one dispatch a role: ${kernel}`, async () => {
    const found = rearranging(await chain([4, 8, 12, 8], variant, true));
    assertEquals(found.map(({ label, params }) => [label, params.length]), [
      [`weights/forward/${kernel}`, 3],
      [`weights/input-gradient/${kernel}`, 3],
    ]);
    const [inference] = rearranging(await chain([4, 8, 12, 8], variant, false));
    assertEquals([inference.params.length, inference.once], [3, true]);
  });

  Deno.test(`rearranged() gives each layer room of its own, which is there: ${kernel}`, async () => {
    const rec = await chain([4, 8, 12, 8], variant, true);
    for (const dispatch of rearranging(rec)) {
      const [field] = Object.keys(dispatch.kernel.bindings).slice(1);
      const { tensor } = rangeOf(dispatch.bindings[field]);
      const starts = dispatch.params.map((params) => params[field] * 16);
      const readers = rec.dispatches.filter((other) => other !== dispatch).flatMap(({ bindings }) =>
        Object.values(bindings).map(rangeOf).filter((range) => range.tensor === tensor)
      );
      assertEquals([...new Set(readers.map(({ offset }) => offset))].sort((a, b) => a - b), starts);
      assert(readers.every(({ offset, size }) => offset % 256 === 0 && offset + size <= tensor.bytes));
      assertEquals(tensor.lifetime, "planned");
    }
  });
}

Deno.test("rearranged() begins another tensor where one would grow beyond 1.5 MiB", async () => {
  // 36 · 64 · 64 floats are 0.56 MiB, 36 · 64 · 128 twice that.
  const found = rearranging(await chain([64, 64, 64, 64, 128], "winograd4", false));
  assertEquals(found.map(({ params }) => params.length), [2, 1, 1]);
  const sizes = found.map(({ bindings }) => rangeOf(bindings.u).tensor.bytes);
  assertEquals(sizes, [2, 1, 2].map((units) => units * 36 * 64 * 64 * 4));
});
