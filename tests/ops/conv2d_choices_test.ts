import { assert, assertEquals } from "../assert.ts";
import { Recorder } from "../../src/gpu/recorder.ts";
import { conv2d } from "../../src/ops/conv2d.ts";
import { choiceKey, isSettled, parseChoiceKey, tunedVariant } from "../../src/ops/conv2d_choices.ts";
import { CONV_ROLES, CONV_VARIANTS, type ConvLayer } from "../../src/ops/conv2d_variant.ts";
import { ParameterSet } from "../../src/ops/parameter.ts";
import { testGpu } from "../gpu/shared.ts";

const LAYER: ConvLayer = { batch: 2, height: 12, width: 10, in4: 2, out4: 3, kernel: 3, stride: 1 };

Deno.test("choiceKey() tells apart whatever a choice depends on, and parseChoiceKey() reads it back", () => {
  const layers: ConvLayer[] = [
    LAYER,
    ...["batch", "height", "width", "in4", "out4"].map((name) => ({ ...LAYER, [name]: 7 })),
    { ...LAYER, kernel: 1 },
    { ...LAYER, stride: 2 },
    { ...LAYER, half: true },
  ];
  const keys = new Set<string>();
  for (const layer of layers) {
    for (const role of CONV_ROLES) {
      const key = choiceKey(layer, role);
      keys.add(key);
      assertEquals(parseChoiceKey(key), { layer, role });
    }
  }
  assertEquals(keys.size, layers.length * CONV_ROLES.length);
  for (const wrong of ["", "forward", "forward 1×2×3 1→1 3×3 /1 ", "forward 1×2×3 1→1 3×1 /1"]) {
    assertEquals(parseChoiceKey(wrong), undefined);
  }
});

Deno.test("isSettled() knows every version but auto", () => {
  assertEquals(CONV_VARIANTS.filter(isSettled), CONV_VARIANTS.filter((variant) => variant !== "auto"));
  for (const wrong of ["tile", "", undefined, 3]) assert(!isSettled(wrong));
});

Deno.test("tunedVariant() takes the choice of that size, else of the nearest one like it, else auto", () => {
  const at = (height: number, more: Partial<ConvLayer> = {}) => ({ ...LAYER, height, ...more });
  const choices = new Map([
    [choiceKey(at(12), "forward"), "tile8"],
    [choiceKey(at(40), "forward"), "tile8x4"],
    [choiceKey(at(40), "weight-gradient"), "naive"],
  ]);
  const found = (layer: ConvLayer) => tunedVariant(choices, layer, "forward");
  assertEquals([12, 13, 20, 24, 40, 100, 160].map((height) => found(at(height))), [
    ...["tile8", "tile8", "tile8", "tile8x4", "tile8x4", "tile8x4", "tile8x4"],
  ]);
  // More than four times as large or as small as anything that was measured.
  assertEquals([2, 161].map((height) => found(at(height))), ["auto", "auto"]);
  assertEquals(found(at(20, { batch: 4 })), "tile8x4");
  for (const other of [{ in4: 3 }, { out4: 2 }, { kernel: 1 }, { stride: 2 }, { half: true }] as const) {
    assertEquals(found(at(12, other)), "auto");
  }
  assertEquals(tunedVariant(choices, at(12), "input-gradient"), "auto");
  // A choice that cannot run the layer, as in a file that was edited, is as good as none.
  const edited = new Map([[choiceKey(at(12, { stride: 2 }), "forward"), "tile8"]]);
  assertEquals(tunedVariant(edited, at(12, { stride: 2 }), "forward"), "auto");
  assertEquals(tunedVariant(new Map(), at(12), "forward"), "auto");
});

Deno.test("conv2d() takes a device's choices where no version is named, role by role", async () => {
  const gpu = await testGpu();
  using parameters = new ParameterSet(gpu, [
    { name: "conv.weight", shape: [3, 3, 8, 12] },
    { name: "conv.bias", shape: [12] },
  ]);
  const options = { name: "conv", kernel: 3, stride: 1, outChannels: 12, activation: "relu" } as const;
  const kernels = (variant: "auto" | "tile8" = "auto") => {
    const rec = new Recorder({ training: true });
    const y = conv2d(rec, [rec.input("x", [2, 12, 10, 8])], parameters, options, { variant });
    rec.gradientInput("dy", y);
    rec.backward();
    return rec.dispatches.map(({ kernel }) => kernel.name as string);
  };
  const naive = ["conv2d_naive", "conv2d_input_grad_naive", "conv2d_weight_grad_naive"];
  const used = (names: readonly string[]) => naive.filter((name) => names.includes(name));
  try {
    assertEquals(used(kernels()), []);
    gpu.choices = new Map([[choiceKey(LAYER, "forward"), "naive"]]);
    assertEquals(used(kernels()), ["conv2d_naive"]);
    assertEquals(used(kernels("tile8")), []);
    gpu.choices = new Map([[choiceKey(LAYER, "weight-gradient"), "naive"]]);
    assertEquals(used(kernels()), ["conv2d_weight_grad_naive"]);
    gpu.choices = new Map(CONV_ROLES.map((role) => [choiceKey(LAYER, role), "naive"]));
    assertEquals(used(kernels()), naive);
  } finally {
    gpu.choices = new Map();
  }
});
