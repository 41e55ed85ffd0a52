/** `--tune` and `--no-tune`, for the commands that run kernels. */
import { preferredTile } from "../enhance/gpu_network.ts";
import type { Precision } from "../enhance/precision.ts";
import type { AdapterSummary } from "../gpu/adapter.ts";
import type { Gpu } from "../gpu/device.ts";
import { sizeMultiple, type UNetTopology } from "../nn/topology.ts";
import { parseChoiceKey } from "../ops/conv2d_choices.ts";
import { autoVariant } from "../ops/conv2d_variant.ts";
import { type AppliedChoices, applyChoices, type TuningMode } from "../tune/apply_choices.ts";
import { type TuningTask, tuningTasks } from "../tune/conv_layers.ts";
import type { TunedChoice } from "../tune/tune_convolution.ts";
import { TUNING_SECONDS } from "../tune/tune_network.ts";
import { duration, progressBar } from "./terminal.ts";

/** Of the options `--tune` and `--no-tune`. */
export function tuningMode(tune: boolean | undefined): TuningMode {
  return tune === undefined ? "cache" : tune ? "now" : "off";
}

/** Gives a device its kernel choices, as the options ask, and says what it does where it measures. */
export async function tuneKernels(
  gpu: Gpu,
  mode: TuningMode,
  tasks: () => readonly TuningTask[],
  options: { readonly say: (line: string) => void; readonly quiet?: boolean; readonly signal?: AbortSignal },
): Promise<AppliedChoices> {
  const { say, quiet = false, signal } = options;
  const start = performance.now();
  if (mode === "now") {
    say(`Measuring the kernels on ${gpu.adapter.name}, for some ${TUNING_SECONDS} seconds at most`);
  }
  const bar = progressBar("{bar} kernels of {value}/{total} convolutions measured", quiet);
  const line = (text: string) => {
    bar.stop();
    say(text);
  };
  try {
    const applied = await applyChoices(gpu, {
      ...{ mode, tasks, signal, onNotice: line, onDropped: line },
      onProgress: (done, total) => bar.update(done, total),
    });
    const { measured, path } = applied;
    if (measured) {
      const changed = [...measured.choices].filter(([key, { variant, milliseconds }]) => {
        const usual = usualVariant(gpu, key);
        return usual in milliseconds && variant !== usual;
      });
      const left = measured.left > 0 ? `; there was no time for ${measured.left}` : "";
      line(
        `Measured the kernels of ${measured.choices.size} convolutions in ${
          duration((performance.now() - start) / 1000)
        }: ${changed.length} take another than the default${left}${path ? `; kept in ${path}` : ""}`,
      );
    }
    return applied;
  } finally {
    bar.stop();
  }
}

/** What `enhance` measures: the network forward over one tile, of the adapter's size unless another is given. */
export function tileTasks(
  topology: UNetTopology,
  adapter: AdapterSummary,
  tile: number | "auto",
  precision: Precision = "f32",
): readonly TuningTask[] {
  const multiple = sizeMultiple(topology);
  const side = Math.ceil((tile === "auto" ? preferredTile(adapter, precision) : tile) / multiple) * multiple;
  return tuningTasks(topology, {
    batch: 1,
    height: side,
    width: side,
    training: false,
    half: precision === "f16",
  });
}

/** The version that a layer takes on an adapter where nothing was measured. */
function usualVariant(gpu: Gpu, key: string): string {
  const { layer, role } = parseChoiceKey(key)!;
  return autoVariant(gpu.adapter, layer, role);
}

/** `forward 1×64×64 1→4 3×3 /1: tile8 0.31 ms (naive 0.90, tile8x4 0.35)`. */
export function choiceLine(key: string, { variant, milliseconds }: TunedChoice): string {
  const time = (name: string) => milliseconds[name].toPrecision(3);
  const others = Object.keys(milliseconds).filter((name) => name !== variant);
  const beside = others.map((name) => `${name} ${time(name)}`).join(", ");
  return `${key}: ${variant} ${time(variant)} ms${beside ? ` (${beside})` : ""}`;
}
