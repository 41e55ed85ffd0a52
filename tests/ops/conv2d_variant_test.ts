import { assert, assertEquals } from "../assert.ts";
import type { AdapterSummary } from "../../src/gpu/adapter.ts";
import { gemmTile } from "../../src/ops/conv2d_gemm.ts";
import {
  autoVariant,
  CONV_ROLES,
  CONV_VARIANTS,
  type ConvLayer,
  offers,
  runs,
  settledVariant,
  variantCandidates,
} from "../../src/ops/conv2d_variant.ts";

const adapter = (name: string, llvm?: number, subgroup?: number): AdapterSummary => ({
  ...{ name, vendor: "", architecture: "", features: [], subgroup },
  ...{ software: name.includes("software") || llvm !== undefined, llvm },
});
const GPU = adapter("a discrete GPU");
const OLD = adapter("llvmpipe (LLVM 15.0.6, 256 bits)", 15);
const NEW = adapter("llvmpipe (LLVM 19.1.7, 256 bits)", 19);
const [OLD_8, NEW_8] = [OLD, NEW].map(({ name, llvm }) => adapter(name, llvm, 8));

const layer = (channels: number, side: number, more: Partial<ConvLayer> = {}): ConvLayer => ({
  ...{ batch: 8, height: side, width: side, in4: channels / 4, out4: channels / 4, kernel: 3, stride: 1 },
  ...more,
});

Deno.test("autoVariant() takes subgroups on lavapipe, Winograd for many channels", () => {
  for (const role of ["forward", "input-gradient"] as const) {
    const wide = (adapter: AdapterSummary, channels: number) =>
      autoVariant(adapter, layer(channels, 64), role);
    assertEquals([4, 8, 60, 64].map((channels) => wide(OLD_8, channels)), [
      ...["subgroup8x4", "subgroup8x4", "subgroup8x4", "winograd4_tile16"],
    ]);
    assertEquals([4, 8, 28, 32].map((channels) => wide(NEW_8, channels)), [
      ...["subgroup8x8", "subgroup8x8", "subgroup8x8", "winograd4_tile16"],
    ]);
    // Weights that change are transformed again and again.
    const training = [64, 128].map((channels) =>
      autoVariant(OLD_8, layer(channels, 64, { training: true }), role)
    );
    assertEquals(training, ["subgroup8x4", "winograd4_tile16"]);
    // Too few tiles to fill the lanes, and to make Winograd's weights worth their loads.
    assertEquals(autoVariant(OLD_8, layer(64, 8, { batch: 2 }), role), "subgroup8x8");
    assertEquals(autoVariant(NEW_8, layer(64, 8, { batch: 2 }), role), "winograd4_tile16");
    for (const fixed of [{ kernel: 1 }, { stride: 2 }] as const) {
      assert(!autoVariant(OLD_8, layer(16, 64, fixed), role).startsWith("subgroup"));
    }
  }
});

Deno.test("autoVariant() takes registers on software adapters without subgroups, and workgroup memory on others", () => {
  for (const role of ["forward", "input-gradient"] as const) {
    const wide = (adapter: AdapterSummary, channels: number) =>
      autoVariant(adapter, layer(channels, 64), role);
    assertEquals([8, 28, 64].map((channels) => wide(NEW, channels)), ["tile8", "tile8", "tile8"]);
    // Of an input gradient it shows with each of the joined inputs whether sixteen outputs suit it.
    const narrow = role === "input-gradient" ? "tile8x4x16" : "tile8x4";
    assertEquals([8, 24, 48, 64].map((channels) => wide(OLD, channels)), [
      ...[narrow, narrow, "tile8x4x16", "tile8x4x16"],
    ]);
    // Too little work for a large tile on every core.
    assertEquals(autoVariant(OLD, layer(48, 8, { batch: 1 }), role), "tile8x4");
    assertEquals(wide(adapter("another software adapter"), 64), "tile8");
    // Lanes of another number share nothing.
    assertEquals(wide(adapter("llvmpipe", 15, 16), 64), "tile8x4x16");
    assertEquals(autoVariant(GPU, layer(32, 64), role), "gemm");
    assertEquals(autoVariant(GPU, layer(32, 256), role), "gemm128");
    assertEquals(autoVariant(GPU, layer(64, 256), role), "winograd4");
    assertEquals(autoVariant(GPU, layer(64, 256, { in4: 3 }), role), "gemm128");
    assertEquals(autoVariant(GPU, layer(64, 256, { in4: 2 }), role), role === "forward" ? "thin" : "gemm128");
    assertEquals(autoVariant(GPU, layer(64, 64, { out4: 1 }), role), "thin");
    assertEquals(autoVariant(GPU, layer(64, 64, { kernel: 1 }), role), "gemm");
    assertEquals(autoVariant(GPU, layer(64, 64, { stride: 2 }), role), "gemm");
  }
});

Deno.test("autoVariant() sums weight gradients by rows on software adapters", () => {
  const of = (adapter: AdapterSummary, channels: number, side = 64, more: Partial<ConvLayer> = {}) =>
    autoVariant(adapter, layer(channels, side, more), "weight-gradient");
  assertEquals([of(OLD, 32), of(NEW, 32), of(NEW, 64)], ["tile8x4", "tile8", "tile8"]);
  assertEquals([of(OLD_8, 32), of(NEW_8, 32)], ["subgroup8x4", "subgroup8x4"]);
  assertEquals([of(OLD_8, 128), of(OLD_8, 64, 8, { batch: 4 })], ["subgroup8x4", "subgroup8x4"]);
  // With one vec4 of outputs there is nobody to share with.
  assertEquals(of(OLD_8, 32, 64, { out4: 1 }), "tile8x4");
  assertEquals([of(adapter("another software adapter"), 64), of(GPU, 64)], ["tile8", "gemm"]);
});

Deno.test("settledVariant() gives a version that runs the layer, the wanted one where it does", () => {
  const layers = [
    layer(8, 9),
    layer(8, 9, { kernel: 1 }),
    layer(8, 9, { stride: 2 }),
    // A block of eight outputs is more than a uniform binding holds.
    layer(8, 9, { in4: 57 }),
    layer(8, 9, { out4: 57 }),
    layer(8, 9, { half: true }),
    layer(1024, 9),
  ];
  for (const item of layers) {
    for (const role of CONV_ROLES) {
      for (const wanted of CONV_VARIANTS) {
        for (const adapter of [GPU, OLD_8]) {
          const settled = settledVariant(wanted, adapter, item, role);
          assert(runs(settled, item, role) && offers(adapter, settled, role), `${wanted} → ${settled}`);
          const can = wanted !== "auto" && runs(wanted, item, role) && offers(adapter, wanted, role);
          if (can) assertEquals(settled, wanted);
        }
      }
    }
  }
  assertEquals(settledVariant("tile8", GPU, layers[3], "forward"), "naive");
  assertEquals(settledVariant("tile8", GPU, layers[3], "input-gradient"), "tile8");
  assertEquals(settledVariant("tile8", GPU, layers[4], "input-gradient"), "naive");
  assertEquals(settledVariant("tile8x4x16", GPU, layer(24, 9), "forward"), "tile8x4");
  assertEquals(settledVariant("winograd4", GPU, layers[2], "forward"), "gemm");
  assertEquals(settledVariant("thin", GPU, layer(24, 9), "forward"), "gemm");
  assertEquals(settledVariant("gemm_f16", GPU, layers[0], "forward"), "gemm");
  assertEquals(settledVariant("gemm128_f16", GPU, layers[0], "forward"), "gemm128");
  assertEquals(settledVariant("winograd2", GPU, layers[0], "weight-gradient"), "gemm");
  // 36·1024·1024 transformed weights are more than a storage binding holds, 16·1024·1024 are not.
  for (const role of ["forward", "input-gradient"] as const) {
    assertEquals(
      [GPU, OLD_8, NEW_8].map((adapter) => autoVariant(adapter, layer(960, 32, { training: true }), role)),
      [
        ...["winograd4", "winograd4_tile16", "winograd4_tile16"],
      ],
    );
    const widest = layer(1024, 32, { training: true });
    assertEquals([GPU, OLD_8, NEW_8].map((adapter) => settledVariant("auto", adapter, widest, role)), [
      ...["gemm", "subgroup8x4", "subgroup8x8"],
    ]);
    assertEquals(settledVariant("winograd2", GPU, widest, role), "winograd2");
  }
});

Deno.test("variantCandidates() names what runs a layer, each kernel once", () => {
  const all = CONV_VARIANTS.filter((name) => !["auto", "tile8x4", "tile8x4x16", "thin"].includes(name));
  assertEquals(variantCandidates(OLD_8, layer(16, 9, { half: true }), "forward"), all);
  const single = all.filter((name) => !name.endsWith("_f16"));
  assertEquals(variantCandidates(OLD_8, layer(16, 9), "forward"), single);
  assertEquals(variantCandidates(GPU, layer(16, 9), "forward"), [
    ...["naive", "tile8", "tile8x4", "tile8x4x16", "gemm", "gemm128", "winograd2", "winograd4"],
  ]);
  assertEquals(variantCandidates(GPU, layer(16, 9, { out4: 1 }), "forward"), [
    ...["naive", "tile8", "tile8x4", "gemm", "gemm128", "winograd2", "winograd4", "thin"],
  ]);
  assertEquals(variantCandidates(GPU, layer(8, 9, { stride: 2 }), "input-gradient"), [
    ...["naive", "gemm", "gemm128"],
  ]);
  assertEquals(variantCandidates(OLD_8, layer(8, 9), "weight-gradient"), [
    ...["naive", "tile8", "subgroup8x4", "gemm", "winograd4", "winograd4_tile16"],
  ]);
  assertEquals(variantCandidates(GPU, layer(8, 9), "weight-gradient"), [
    ...["naive", "tile8", "gemm", "winograd4", "winograd4_tile16"],
  ]);
  assertEquals(variantCandidates(OLD_8, layer(8, 9, { kernel: 1 }), "weight-gradient"), ["naive", "gemm"]);
});

Deno.test("gemmTile() leaves few columns idle, and prefers wide tiles", () => {
  const widths = [4, 16, 24, 32, 36, 48, 64, 96, 100, 128].map((columns) => gemmTile(columns).N);
  assertEquals(widths, [16, 16, 32, 32, 64, 64, 64, 32, 64, 64]);
});
