/** `clairnet models`. */
import { displayName } from "../base/display_name.ts";
import { macsPerPixel, receptiveRadius } from "../nn/graph.ts";
import type { Model } from "../nn/model_file.ts";
import { listModels, loadModel } from "../nn/models.ts";
import { MODEL_PURPOSES } from "../nn/shipped.ts";
import { printJson, printLine } from "./terminal.ts";

export async function list(options: { json?: boolean }): Promise<number> {
  const names = await listModels();
  if (options.json) {
    printJson(names);
    return 0;
  }
  const width = Math.max(...names.map(({ length }) => length));
  for (const name of names) {
    const { info, parameters } = await loadModel(name);
    const purpose = MODEL_PURPOSES[name] ?? `trained on ${info.recipe}`;
    printLine(`${name.padEnd(width)} ${purpose} (${count(parameters).toLocaleString("en")} parameters)`);
  }
  return 0;
}

export async function info(name: string, options: { json?: boolean }): Promise<number> {
  const model = await loadModel(name);
  const { topology, info } = model;
  const facts = {
    ...info,
    topology,
    parameters: count(model.parameters),
    flopsPerMegapixel: 2e6 * macsPerPixel(topology),
    receptiveRadius: receptiveRadius(topology),
  };
  if (options.json) printJson(facts);
  else printLine(describe(name, model));
  return 0;
}

function describe(name: string, { topology, info, parameters }: Model): string {
  const {
    widths,
    encoderBlocks,
    decoderBlocks,
    activation,
    down,
    up,
    residual,
    corrects,
    filled,
    residualBlocks,
    unshuffle,
  } = topology;
  const rows: [string, string | number][] = [
    ["name", info.name || name],
    [
      "topology",
      `widths ${widths.join("/")}, blocks ${encoderBlocks.join("/")} down and ${
        decoderBlocks.join("/")
      } up, ${activation}, ${down}, ${up}${residual ? ", residual" : ""}${
        corrects === "all" ? "" : ` at ${corrects}`
      }${filled ? ", sees holes filled" : ""}${residualBlocks ? ", residual blocks" : ""}${
        unshuffle === 1 ? "" : `, at 1/${unshuffle} of the size (pixel unshuffle)`
      }`,
    ],
    ["parameters", count(parameters)],
    ["enlarges", topology.scale === 1 ? "" : `×${topology.scale}`],
    [
      "cost",
      `${(2e-3 * macsPerPixel(topology)).toFixed(1)} GFLOP a megapixel${
        topology.scale === 1 ? "" : " of the small photo"
      }`,
    ],
    ["reach", `${receptiveRadius(topology)} pixels`],
    ["recipe", info.recipe],
    ["loss", info.loss],
    ["steps", info.steps],
    ["seed", info.seed],
    ["data", info.data],
    ["metrics", Object.entries(info.metrics).map(([key, value]) => `${key} ${value}`).join(", ")],
    ["licence", info.license],
    ["created", info.created],
    ["version", info.version],
    ["note", info.note],
  ];
  // What a file from elsewhere says of itself must not reach the terminal as commands.
  return rows.filter(([, value]) => value !== "")
    .map(([key, value]) => `${key.padEnd(12)}${displayName(String(value))}`).join("\n");
}

function count(parameters: ReadonlyMap<string, Float32Array>): number {
  return [...parameters.values()].reduce((sum, values) => sum + values.length, 0);
}
