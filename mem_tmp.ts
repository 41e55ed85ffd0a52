import { openGpu } from "./src/gpu/device.ts";
import { loadTfjs } from "./tests/tfjs/backend.ts";
import { ourUnetCases } from "./bench/our_cases.ts";
import { tfjsUnetCases } from "./bench/tfjs_cases.ts";
const gpu = await openGpu(); const tf = await loadTfjs();
for (const [widths, shape] of [[[16,32,64,96],[8,64,64,3]],[[32,64,128,192],[2,96,96,3]]] as [number[], [number,number,number,number]][]) {
  const ours = await ourUnetCases(gpu, widths, shape);
  const theirs = tfjsUnetCases(tf, widths, shape);
  const p = await theirs.cases[1].peakBytes!();
  console.log(widths.join("/"), shape.join("×"), "ours", ours.cases[1].peakBytes, "tfjs", p.used, p.allocated, ours.cases[1].peakBytes!/p.used);
  ours[Symbol.dispose](); theirs[Symbol.dispose]();
}
Deno.exit(0);
