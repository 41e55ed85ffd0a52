import { unetGraph } from "../../src/nn/graph.ts";
import { heInitialise } from "../../src/nn/initialise.ts";
import { decodeModel, encodeModel, type Model, modelInfo, modelOf } from "../../src/nn/model_file.ts";
import { decodeTensors, encodeTensors } from "../../src/nn/safetensors.ts";
import { type TopologyOptions, unetTopology } from "../../src/nn/topology.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertAllClose, assertEquals, assertThrows, isUserError } from "../assert.ts";

function makeModel(options: TopologyOptions = {}, seed = 7): Model {
  const topology = unetTopology({ base: 4, depth: 1, blocks: 1, ...options });
  const parameters = heInitialise(topology, seed);
  const random = new Random(seed, 1);
  for (const values of parameters.values()) {
    values.forEach((value, i) => values[i] = value + 0.01 * random.normal());
  }
  const info = modelInfo({
    name: "tiny",
    recipe: "blur:0.5-2,salt-pepper:0.01",
    seed: 2 ** 40 + 3,
    steps: 1200,
    loss: "charbonnier",
    data: "583 photos; “open”\nlicences",
    metrics: { psnr: 31.25, "psnr clean": Infinity, broken: NaN },
    created: "2024-05-01T10:00:00Z",
    version: "0.1.0",
    license: "CC0-1.0",
  });
  return { topology, parameters, info };
}

function assertRefused(act: () => unknown, pattern: RegExp): void {
  assertThrows(act, isUserError(pattern));
}

/** The file with some of its metadata or tensors replaced (checksum renewed). */
function rewritten(
  model: Model,
  change: (
    file: { tensors: Map<string, { shape: number[]; data: Float32Array }>; metadata: Record<string, string> },
  ) => void,
) {
  const { tensors, metadata } = decodeTensors(encodeModel(model), "x");
  const file = {
    tensors: new Map([...tensors].map(([name, { shape, data }]) => [name, { shape: [...shape], data }])),
    metadata: { ...metadata },
  };
  change(file);
  return encodeTensors(file);
}

Deno.test("encodeModel() and decodeModel() keep topology, every weight's bits and the info", () => {
  for (
    const options of [
      {},
      {
        depth: 2,
        blocks: 2,
        residual: false,
        down: "stride",
        up: "bilinear",
        activation: "leaky-relu",
      } as const,
      { corrects: "holes", filled: true } as const,
      { unshuffle: 2 } as const,
    ]
  ) {
    const model = makeModel(options);
    const back = decodeModel(encodeModel(model), "tiny.safetensors");
    assertEquals(back.topology, model.topology);
    assertEquals(back.parameters, model.parameters);
    assertEquals([...back.parameters.keys()], unetGraph(model.topology).parameters.map(({ name }) => name));
    assertEquals(back.info, model.info);
  }
});

Deno.test("decodeModel() reads files from before networks could correct extremes alone, see holes filled, or unshuffle", () => {
  const model = makeModel();
  const { corrects, filled, unshuffle, ...older } = model.topology;
  assertEquals([corrects, filled, unshuffle], ["all", false, 1]);
  const bytes = rewritten(model, ({ metadata }) => metadata.topology = JSON.stringify(older));
  assertEquals(decodeModel(bytes, "old"), model);
});

Deno.test("encodeModel() in F16 takes half the space and keeps eleven bits", () => {
  const model = makeModel({ base: 16 });
  const bytes = encodeModel(model, { dtype: "F16" });
  const count = [...model.parameters.values()].reduce((sum, { length }) => sum + length, 0);
  const saved = encodeModel(model).length - bytes.length;
  assert(Math.abs(saved - 2 * count) < 64, `saved ${saved} bytes for ${count} weights`);
  const back = decodeModel(bytes, "x");
  for (const [name, values] of model.parameters) {
    assertAllClose(back.parameters.get(name)!, values, 2 ** -11, name);
  }
});

Deno.test("encodeModel() stores extras of a checkpoint, which decodeModel() passes over", () => {
  const model = makeModel();
  const moment = { shape: [3], data: Float32Array.of(1e-9, 70000, -1) };
  const tensors = new Map([["adam.m/out.bias", moment]]);
  const bytes = encodeModel(model, { dtype: "F16", tensors, metadata: { step: "17" } });
  const file = decodeTensors(bytes, "checkpoint");
  assertEquals(file.tensors.get("adam.m/out.bias")!.data, moment.data);
  assertEquals(file.metadata.step, "17");
  const parameters = modelOf(file, "checkpoint").parameters;
  assertEquals([...parameters.keys()], [...model.parameters.keys()]);
  assertThrows(() => encodeModel(model, { tensors: new Map([["m", moment]]) }), /RangeError.*"m"/);
});

Deno.test("decodeModel() refuses a file cut off at any length, and one with any header byte flipped", () => {
  const bytes = encodeModel(makeModel());
  const header = 8 + new DataView(bytes.buffer).getUint32(0, true);
  const random = new Random(11);
  for (let length = 0; length < bytes.length; length += length < header ? 7 : 97) {
    assertRefused(() => decodeModel(bytes.subarray(0, length), "cut"), /"cut"/);
  }
  const keyAt = new TextDecoder("latin1").decode(bytes).indexOf('"crc32"');
  for (let at = 0; at < header; at++) {
    if (at > keyAt && at <= keyAt + 5) continue; // renames the checksum: see safetensors_test.ts
    const broken = bytes.slice();
    broken[at] ^= 1 + random.below(255);
    assertRefused(() => decodeModel(broken, "flipped"), /"flipped"/);
  }
});

Deno.test("decodeModel() names the tensor and both shapes when the tensors are of another topology", () => {
  const model = makeModel();
  const other = makeModel({ base: 8 });
  const changed = rewritten(other, (file) => file.metadata.topology = JSON.stringify(model.topology));
  assertRefused(
    () => decodeModel(changed, "m"),
    /"m".*"enc0\.0\.weight" has shape 3×3×3×8, but its topology wants 3×3×3×4/,
  );
  assertRefused(
    () => decodeModel(rewritten(model, ({ tensors }) => tensors.delete("out.bias")), "m"),
    /"out\.bias" \(3\) is missing/,
  );
  assertRefused(
    () =>
      decodeModel(
        rewritten(model, ({ tensors }) => tensors.set("more", { shape: [1], data: Float32Array.of(1) })),
        "m",
      ),
    /"more" is not part/,
  );
});

Deno.test("decodeModel() refuses weights that are not finite, and so does encodeModel()", () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    const bytes = rewritten(makeModel(), ({ tensors }) => tensors.get("dec0.0.weight")!.data[5] = value);
    assertRefused(() => decodeModel(bytes, "m"), new RegExp(`"dec0\\.0\\.weight" holds ${value} at 5`));
    const model = makeModel();
    model.parameters.get("out.bias")![2] = value;
    assertRefused(() => encodeModel(model), new RegExp(`"out\\.bias" holds ${value} at 2`));
  }
});

Deno.test("decodeModel() refuses a safetensors file that is no model, and damaged metadata", () => {
  const model = makeModel();
  const topology = (change: object) =>
    rewritten(model, ({ metadata }) => metadata.topology = JSON.stringify({ ...model.topology, ...change }));
  const foreign = encodeTensors({ tensors: new Map(), metadata: { format: "pt" } });
  assertRefused(
    () => decodeModel(foreign, "m"),
    /the format "pt", where Clairnet's models have "clairnet-1"; .*'clairnet models import' turns it back/,
  );
  assertRefused(() => decodeModel(encodeTensors({ tensors: new Map(), metadata: {} }), "m"), /no format/);
  assertRefused(() => decodeModel(topology({ widths: "4,8" }), "m"), /widths is no list/);
  assertRefused(() => decodeModel(topology({ widths: [4, -8] }), "m"), /width must be a whole number/);
  assertRefused(() => decodeModel(topology({ widths: [] }), "m"), /topology/);
  assertRefused(() => decodeModel(topology({ encoderBlocks: [1] }), "m"), /topology/);
  assertRefused(() => decodeModel(topology({ activation: "re\nlu" }), "m"), /activation/);
  assertRefused(() => decodeModel(topology({ channels: "3" }), "m"), /channels/);
  assertRefused(() => decodeModel(topology({ residual: 1 }), "m"), /residual/);
  assertRefused(
    () => decodeModel(topology({ corrects: "dots" }), "m"),
    /corrects must be one of all, extremes, holes, got dots/,
  );
  assertRefused(
    () => decodeModel(topology({ corrects: "extremes", residual: false }), "m"),
    /corrects=extremes needs residual=true and scale=1/,
  );
  assertRefused(
    () => decodeModel(rewritten(model, ({ metadata }) => metadata.topology = "null"), "m"),
    /topology/,
  );
  assertRefused(() => decodeModel(rewritten(model, ({ metadata }) => metadata.steps = "many"), "m"), /steps/);
  assertRefused(
    () => decodeModel(rewritten(model, ({ metadata }) => metadata.metrics = "{"), "m"),
    /metrics/,
  );
});

Deno.test("encodeModel() refuses parameters that are not the topology's", () => {
  const model = makeModel();
  const { parameters } = makeModel({ depth: 2 });
  assertThrows(() => encodeModel({ ...model, parameters }), RangeError);
  model.parameters.delete("out.bias");
  assertThrows(() => encodeModel(model), /RangeError.*"out\.bias" is missing/);
});

Deno.test("encodeModel() refuses a seed and a number of steps with which decodeModel() would refuse the file", () => {
  for (const field of ["seed", "steps"]) {
    for (const value of [-1, 1.5, NaN]) {
      const model = makeModel();
      const told = { ...model, info: { ...model.info, [field]: value } };
      assertThrows(
        () => encodeModel(told),
        new RegExp(`RangeError.*${field} must be a whole number.*${value}`),
      );
    }
  }
});
