/**
 * The optimiser Muon (Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"): the momentum of each hidden layer's weights, as a matrix, is
 * replaced by the nearest one whose singular values are all alike, so that no direction of it waits for the others. Five Newton-Schulz iterations come near enough.
 */
import type { Kernel } from "../gpu/kernel.ts";
import { type Recorder, WORKGROUP_SIZE } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { paddedChannels } from "../tensor/shape.ts";
import { adamOver, gradientNorm, type ParameterRange, SCALARS } from "./adam.ts";
import type { ParameterSet } from "./parameter.ts";
import { LANES } from "./processor.ts";

const momentum: Kernel = {
  name: "muon_momentum",
  params: ["first", "count"],
  jobs: true,
  bindings: { now: "uniform", g: "read", norm: "read", m: "read_write", x: "read_write" },
  updates: ["m"],
  includes: ["optimiser_step"],
};
const gram: Kernel = {
  name: "muon_gram",
  params: ["first", "gram", "rows", "width"],
  jobs: true,
  bindings: { x: "read", a: "read_write" },
  includes: ["outer16"],
  prelude: ["WORKGROUP"],
};
const polynomial: Kernel = {
  name: "muon_polynomial",
  params: ["gram", "width", "scale:f32"],
  jobs: true,
  bindings: { a: "read", c: "read_write" },
  includes: ["rows16"],
  prelude: ["WORKGROUP"],
};
const apply: Kernel = {
  name: "muon_apply",
  params: ["first", "gram", "rows", "width"],
  jobs: true,
  bindings: { x: "read", c: "read", y: "read_write" },
  includes: ["rows16"],
  prelude: ["WORKGROUP"],
};

/** Kernels of the products, and the rows and columns of a tile that an invocation makes, or with subgroups a workgroup. */
const PRODUCTS = {
  registers: {
    ...{ gram, polynomial, apply, invocations: 1 },
    tiles: { gram: [16, 16], polynomial: [16, 4], apply: [16, 16] },
  },
  subgroups: {
    gram: { ...gram, name: "muon_gram_subgroup", includes: ["symmetric_block"] },
    polynomial: { ...polynomial, name: "muon_polynomial_subgroup", includes: ["symmetric_block"] },
    apply: { ...apply, name: "muon_apply_subgroup", includes: ["rows8"] },
    invocations: LANES,
    tiles: { gram: [32, 32], polynomial: [32, 32], apply: [64, 32] },
  },
} as const;
/** What multiplies. */
export type MuonProducts = keyof typeof PRODUCTS;

const update: Kernel = {
  name: "muon_update",
  params: ["first", "count"],
  jobs: true,
  bindings: { now: "uniform", x: "read", p: "read_write", average: "read_write" },
  updates: ["p", "average"],
  includes: ["optimiser_step"],
};

/** Newton-Schulz iterations: singular values end within 0.7 to 1.2, which is as good as 1 here. */
export const MUON_ITERATIONS = 5;

/**
 * Root mean square of an element of the update over that of Adam's, which is 0.2 to 0.4 in practice (Liu et al. 2025, "Muon is scalable for LLM training"): with it one learning
 * rate serves both.
 */
export const MUON_RMS = 0.2;

/** Weights of a layer as a matrix of `rows` by four times `width` floats from vec4 `first` on; its Gram matrix begins at vec4 `gram`. */
interface Matrix {
  readonly first: number;
  readonly rows: number;
  readonly width: number;
  readonly gram: number;
  /** What the orthogonal matrix is multiplied by. */
  readonly scale: number;
}

/**
 * Records the update of all parameters: of the weights that `hidden` names by Muon, of the others by Adam. Before each run, write `adamScalars(…)` to the
 * input `name`. Muon's momentum is in `moment1`. `products` says what multiplies: invocations in their registers, or the lanes of subgroups of eight together.
 */
export function muon(
  rec: Recorder,
  parameters: ParameterSet,
  hidden: ReadonlySet<string>,
  name = "adam",
  products: MuonProducts = parameters.adapter.subgroup === LANES ? "subgroups" : "registers",
): { squaredNorm: Tensor } {
  return rec.within(name, () => {
    const now = rec.scalars(name, SCALARS);
    const norm = gradientNorm(rec, parameters);
    const { matrices, gramVec4s } = matricesOf(rec, parameters, hidden);
    const others = otherRanges(rec, parameters, hidden);
    if (others.length > 0) adamOver(rec, parameters, { now, norm }, others);
    if (matrices.length > 0) {
      muonOver(rec, parameters, { now, norm }, matrices, gramVec4s, PRODUCTS[products]);
    }
    return { squaredNorm: norm };
  });
}

function muonOver(
  rec: Recorder,
  parameters: ParameterSet,
  { now, norm }: { now: Tensor; norm: Tensor },
  matrices: readonly Matrix[],
  gramVec4s: number,
  products: typeof PRODUCTS[MuonProducts],
): void {
  const workgroup = parameters.adapter.software ? LANES : WORKGROUP_SIZE;
  const constants = { WORKGROUP: workgroup };
  const [g, p, m, average] = (["gradients", "values", "moment1", "average"] as const).map((kind) =>
    parameters.whole(rec, kind)
  );
  const flat = (name: string, length: number) => rec.tensor([length], `muon ${name}`, { layout: "flat" });
  // Both at the places that the weights have; between the iterations they change roles.
  let [x, y] = [flat("direction", parameters.length), flat("next direction", parameters.length)];
  const [a, c] = [flat("Gram matrices", 4 * gramVec4s), flat("polynomials", 4 * gramVec4s)];
  const ranges = matrices.map(({ first, rows, width }) => ({ first, count: rows * width }));
  rec.dispatchJobs(momentum, { now, g, norm, m, x }, ranges, ({ count }) => count);
  const invocations = (rows: number, columns: number, [down, across]: readonly [number, number]) =>
    products.invocations * Math.ceil(rows / down) * Math.ceil(columns / across);
  const { tiles } = products;
  const options = { constants, workgroup };
  for (let iteration = 0; iteration < MUON_ITERATIONS; iteration++) {
    const last = iteration === MUON_ITERATIONS - 1;
    const jobs = matrices.map(({ first, gram, rows, width }) => ({ first, gram, rows, width }));
    rec.dispatchJobs(
      products.gram,
      { x, a },
      jobs,
      ({ width }) => invocations(4 * width, 4 * width, tiles.gram),
      options,
    );
    rec.dispatchJobs(
      products.polynomial,
      { a, c },
      matrices.map(({ gram, width, scale }) => ({ gram, width, scale: last ? scale : 1 })),
      ({ width }) => invocations(4 * width, 4 * width, tiles.polynomial),
      { ...options, constants: { ...constants, FIRST: Number(iteration === 0) } },
    );
    rec.dispatchJobs(
      products.apply,
      { x, c, y },
      jobs,
      ({ rows, width }) => invocations(rows, 4 * width, tiles.apply),
      options,
    );
    [x, y] = [y, x];
  }
  rec.dispatchJobs(update, { now, x, p, average }, ranges, ({ count }) => count);
}

function matricesOf(
  rec: Recorder,
  parameters: ParameterSet,
  hidden: ReadonlySet<string>,
): { matrices: Matrix[]; gramVec4s: number } {
  let gram = 0;
  const matrices = parameters.specs.filter(({ name }) => hidden.has(name)).map(({ name, shape }) => {
    const { offset, size } = parameters.range(rec, name);
    const [kernel, , inputs, outputs] = shape;
    const width = paddedChannels(outputs) / 4;
    const matrix = {
      ...{ first: offset / 16, rows: size / 16 / width, width, gram },
      scale: MUON_RMS * Math.sqrt(Math.max(kernel ** 2 * inputs, outputs)),
    };
    gram += 4 * width ** 2;
    return matrix;
  });
  return { matrices, gramVec4s: gram };
}

/** The parameters that `hidden` does not name. */
function otherRanges(
  rec: Recorder,
  parameters: ParameterSet,
  hidden: ReadonlySet<string>,
): ParameterRange[] {
  const ranges: ParameterRange[] = [];
  for (const { name } of parameters.specs) {
    if (hidden.has(name)) continue;
    const { offset, size } = parameters.range(rec, name);
    ranges.push({ first: offset / 16, count: size / 16 });
  }
  return ranges;
}
