/** Sums partial results in a fixed order: those of one op at once, those of many layers' gradients together. */
import type { Params } from "../gpu/dispatch.ts";
import type { Kernel } from "../gpu/kernel.ts";
import { rangeOf, type Recorder } from "../gpu/recorder.ts";
import type { Tensor, TensorRange } from "../gpu/tensor.ts";
import { LayerRoom } from "./layer_room.ts";

const sumSlicesKernel: Kernel = {
  name: "sum_slices",
  params: ["partials", "total", "count", "slices", "accumulate"],
  jobs: true,
  bindings: { partials: "read", total: "read_write" },
};

/** total[i] = Σ partials[s][i] over the slices s in order; partials: [slices, count·4], total: count vec4s. */
export function sumSlices(
  rec: Recorder,
  partials: Tensor,
  total: Tensor | TensorRange,
  slices: number,
  accumulate = false,
): void {
  const count = rangeOf(total).size / 16;
  rec.dispatch(sumSlicesKernel, { partials, total }, {
    params: { partials: 0, total: 0, count, slices, accumulate: Number(accumulate) },
    invocations: count,
  });
}

/** Sums over partial gradients, whose tensor layers share, that wait for the end of the way back. */
interface Waiting {
  readonly room: LayerRoom;
  readonly gradients: Tensor;
  readonly jobs: (Params & { readonly count: number })[];
}
const waiting = new WeakMap<Recorder, Waiting>();

/** Partial sums of more bytes are summed at once: they would have to be kept until the end. */
const LARGE = 2 ** 20;

/**
 * Gives `record` room for partial sums of a parameter's gradient, [slices, count·4], to fill. total[i] = Σ partials[s][i] over the slices s in
 * order, of `total`, count vec4s of all gradients, is known when the whole way back is recorded: the sums of many layers are one dispatch.
 */
export function sumGradient(
  rec: Recorder,
  total: TensorRange,
  slices: number,
  record: (partials: TensorRange) => unknown,
): void {
  // One slice is the gradient itself.
  if (slices === 1) {
    record(total);
    return;
  }
  const bytes = slices * total.size;
  if (bytes > LARGE) {
    const partials = rec.tensor([bytes / 4], "partials", { layout: "flat" });
    record(rangeOf(partials));
    sumSlices(rec, partials, total, slices);
    return;
  }
  let sums = waiting.get(rec);
  if (sums && (sums.gradients !== total.tensor || !sums.room.holds(bytes))) {
    sumWaiting(rec);
    sums = undefined;
  }
  if (!sums) {
    sums = { room: new LayerRoom(rec, "partials of gradients"), gradients: total.tensor, jobs: [] };
    waiting.set(rec, sums);
    rec.afterBackward(() => sumWaiting(rec));
  }
  const partials = sums.room.take(bytes);
  record(partials);
  const count = total.size / 16;
  sums.jobs.push({ partials: partials.offset / 16, total: total.offset / 16, count, slices, accumulate: 0 });
}

/** Records the sums that wait, if there are any. */
function sumWaiting(rec: Recorder): void {
  const sums = waiting.get(rec);
  if (!sums) return;
  waiting.delete(rec);
  const bindings = { partials: sums.room.tensor, total: sums.gradients };
  const owner = "weights/weight-gradient";
  rec.dispatchJobs(sumSlicesKernel, bindings, sums.jobs, ({ count }) => count, { owner });
}

/** Cuts `total` units of work into at most `wanted` slices of equal size (the last may be shorter). */
export function slicesOf(total: number, wanted: number): { slices: number; each: number } {
  const each = Math.ceil(total / Math.max(1, Math.min(wanted, total)));
  return { slices: Math.ceil(total / each), each };
}
