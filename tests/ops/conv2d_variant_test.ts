import { assert, assertEquals } from "../assert.ts";
import type { AdapterSummary } from "../../src/gpu/device.ts";
import { gemmTile } from "../../src/ops/conv2d_gemm.ts";
import {
  autoVariant,
  CONV_ROLES,
  CONV_VARIANTS,
  type ConvLayer,
  runs,
  settledVariant,
  variantCandidates,
} from "../../src/ops/conv2d_variant.ts";

const adapter = (name: string, llvm?: number): AdapterSummary => ({
  ...{ name, vendor: "", architecture: "", features: [] },
  ...{ software: name.includes("software") || llvm !== undefined, llvm },
});
const GPU = adapter("a discrete GPU");
const OLD = adapter("llvmpipe (LLVM 15.0.6, 256 bits)", 15);
const NEW = adapter("llvmpipe (LLVM 19.1.7, 256 bits)", 19);

const layer = (channels: number, side: number, more: Partial<ConvLayer> = {}): ConvLayer => ({
  ...{ batch: 8, height: side, width: side, in4: channels / 4, out4: channels / 4, kernel: 3, stride: 1 },
  ...more,
});

Deno.test("autoVariant() takes registers on software adapters and workgroup memory on others, Winograd for many channels", () => {
  for (const role of CONV_ROLES) {
    const wide = (adapter: AdapterSummary, channels: number) =>
      autoVariant(adapter, layer(channels, 64), role);
    assertEquals([8, 28].map((channels) => wide(NEW, channels)), ["tile8", "tile8"]);
    const winograd = role !== "weight-gradient";
    const large = winograd ? "tile8x4x16" : "tile8x4";
    // Of an input gradient it shows with each of the joined inputs whether sixteen outputs suit it.
    const narrow = role === "input-gradient" ? large : "tile8x4";
    assertEquals([8, 24, 48, 60].map((channels) => wide(OLD, channels)), [narrow, narrow, large, large]);
    // Too little work for a large tile on every core.
    assertEquals(autoVariant(OLD, layer(48, 8, { batch: 1 }), role), "tile8x4");
    assertEquals(wide(NEW, 32), winograd ? "winograd4_tile16" : "tile8");
    assertEquals(wide(adapter("another software adapter"), 64), "tile8");
    assertEquals(wide(OLD, 64), "winograd4_tile16");
    // Of few tiles the transforms of a weight gradient cost more than they save.
    const small = autoVariant(OLD, layer(64, 8, { batch: 4 }), role);
    assertEquals(small, winograd ? "winograd4_tile16" : "tile8x4");
  }
  for (const role of ["forward", "input-gradient"] as const) {
    assertEquals(autoVariant(GPU, layer(32, 64), role), "gemm");
    assertEquals(autoVariant(GPU, layer(32, 256), role), "gemm128");
    assertEquals(autoVariant(GPU, layer(64, 256), role), "winograd4");
    assertEquals(autoVariant(GPU, layer(64, 256, { in4: 1 }), role), "gemm128");
    assertEquals(autoVariant(GPU, layer(64, 64, { kernel: 1 }), role), "gemm");
    assertEquals(autoVariant(GPU, layer(64, 64, { stride: 2 }), role), "gemm");
  }
  assertEquals(autoVariant(GPU, layer(64, 256), "weight-gradient"), "gemm");
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
  ];
  for (const item of layers) {
    for (const role of CONV_ROLES) {
      for (const wanted of CONV_VARIANTS) {
        const settled = settledVariant(wanted, GPU, item, role);
        assert(runs(settled, item, role), `${wanted} → ${settled}`);
        if (wanted !== "auto" && runs(wanted, item, role)) assertEquals(settled, wanted);
      }
    }
  }
  assertEquals(settledVariant("tile8", GPU, layers[3], "forward"), "naive");
  assertEquals(settledVariant("tile8", GPU, layers[3], "input-gradient"), "tile8");
  assertEquals(settledVariant("tile8", GPU, layers[4], "input-gradient"), "naive");
  assertEquals(settledVariant("tile8x4x16", GPU, layer(24, 9), "forward"), "tile8x4");
  assertEquals(settledVariant("winograd4", GPU, layers[2], "forward"), "gemm");
  assertEquals(settledVariant("gemm_f16", GPU, layers[0], "forward"), "gemm");
  assertEquals(settledVariant("gemm128_f16", GPU, layers[0], "forward"), "gemm128");
  assertEquals(settledVariant("winograd2", GPU, layers[0], "weight-gradient"), "gemm");
});

Deno.test("variantCandidates() names what runs a layer, each kernel once", () => {
  const all = CONV_VARIANTS.filter((name) => name !== "auto");
  assertEquals(variantCandidates(layer(16, 9, { half: true }), "forward"), all);
  assertEquals(variantCandidates(layer(16, 9), "forward"), all.filter((name) => !name.endsWith("_f16")));
  assertEquals(variantCandidates(layer(8, 9, { stride: 2 }), "input-gradient"), ["naive", "gemm", "gemm128"]);
  assertEquals(variantCandidates(layer(8, 9), "weight-gradient"), [
    "naive",
    "tile8",
    "gemm",
    "winograd4",
    "winograd4_tile16",
  ]);
  assertEquals(variantCandidates(layer(8, 9, { kernel: 1 }), "weight-gradient"), ["naive", "gemm"]);
});

Deno.test("gemmTile() leaves few columns idle, and prefers wide tiles", () => {
  const widths = [4, 16, 24, 32, 36, 48, 64, 96, 100, 128].map((columns) => gemmTile(columns).N);
  assertEquals(widths, [16, 16, 32, 32, 64, 64, 64, 32, 64, 64]);
});
