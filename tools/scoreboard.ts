/**
 * One Markdown table of everything that the models are held to: `deno task scoreboard PATHS... [--models a,b+c] [--limit N] [--out FILE]`.
 *
 * PATHS hold the usual test sets, each in a folder of its name (set5, set14, bsd100 or b100, cbsd68, kodak24, mcmaster, urban100, live1,
 * classic5, cc15); those that are not there are left out and named. What has been measured is kept in `--store` (runs/scoreboard.json),
 * so that a run that was stopped goes on, and only new weights are measured again. Nothing is to be tuned on these figures.
 */
import { dirname } from "node:path";
import { UserError } from "../src/base/errors.ts";
import { writeFileAtomically } from "../src/base/write_file.ts";
import { cpuNetwork } from "../src/enhance/cpu_network.ts";
import { chooseModels, type ChosenModel } from "../src/enhance/choose_models.ts";
import { chainNames, chainScale } from "../src/enhance/model_chain.ts";
import { openChain, type OpenedChain } from "../src/enhance/open_chain.ts";
import { type DeviceChoice, openNetwork } from "../src/enhance/open_network.ts";
import { networkRestorer } from "../src/evaluate/network_restorer.ts";
import { parseRestorers } from "../src/evaluate/restorer.ts";
import { listModels } from "../src/nn/models.ts";
import { type Cell, CellStore, fingerprint, measureColumn, type Method } from "./scoreboard/measure.ts";
import { type Section, SECTIONS, WANTED_SETS } from "./scoreboard/sections.ts";
import { findSets } from "./scoreboard/sets.ts";
import { readArguments, refuse, wholeNumber } from "./arguments.ts";

export interface ScoreboardOptions {
  /** Names or paths, or several in order (`a+b`); the shipped ones by default, and the chains of them that a section is for. */
  readonly models?: readonly string[];
  /** Photos of each set at most. */
  readonly limit?: number;
  /** Leaves the classical filters out, which take seconds a photo. */
  readonly classical?: boolean;
  /** Adds a row for each model averaged over the eight flips and turns. */
  readonly selfEnsemble?: boolean;
  readonly device?: DeviceChoice;
  /** File that keeps what was measured. */
  readonly store?: string;
  readonly onColumn?: (section: string, column: string) => void;
}

interface ModelRow extends Method {
  readonly scale: number;
  readonly name: string;
}

/** Measures and writes the scoreboard. @returns Markdown. */
export async function scoreboard(paths: readonly string[], options: ScoreboardOptions = {}): Promise<string> {
  const { limit = Infinity, classical = true, models: asked = [] } = options;
  const sets = await findSets(paths);
  if (sets.size === 0) {
    throw new UserError(
      `There is no test set in ${paths.join(", ")}: folders are to be named ${WANTED_SETS.join(", ")}`,
      {
        exitCode: 2,
      },
    );
  }
  const store = await CellStore.open(options.store);
  const opened: OpenedChain[] = [];
  try {
    const models = await openModels(options, opened);
    const blocks: string[] = [];
    const colours = new Map<string, Placed[]>();
    for (const section of SECTIONS) {
      const columns = section.columns.filter(({ set }) => sets.has(set));
      if (columns.length === 0) continue;
      const own = models.filter(({ scale, name }) =>
        scale === section.scale && !section.without.includes(name) &&
        (chainNames(name).length === 1 || asked.includes(name) || section.chains?.includes(name))
      );
      const methods: Method[] = [
        { label: section.untouched, key: "untouched" },
        ...(classical
          ? parseRestorers(section.classical.join(",") || "median").slice(0, section.classical.length)
          : [])
          .map((restorer) => ({ label: `\`${restorer.name}\` (filter)`, key: restorer.name, restorer })),
        ...own,
      ];
      const cells: Cell[][] = [];
      for (const column of columns) {
        options.onColumn?.(section.title, column.head);
        cells.push(await measureColumn(column, sets.get(column.set)!, methods, store, limit));
      }
      for (const model of own) {
        const row = methods.indexOf(model);
        const placed = cells.map((column, i) => ({ ...column[row], head: columns[i].head }));
        colours.set(model.label, [...colours.get(model.label) ?? [], ...placed]);
      }
      blocks.push(sectionTable(section, columns.map(({ head }) => head), methods, cells));
    }
    blocks.push(colourTable(colours));
    const missing = WANTED_SETS.filter((set) => !sets.has(set));
    if (missing.length > 0) blocks.push(`Left out, because the sets are not there: ${missing.join(", ")}.`);
    if (limit !== Infinity) blocks.push(`Only the first ${limit} photos of each set were measured.`);
    return blocks.join("\n\n") + "\n";
  } finally {
    for (const each of opened) each[Symbol.dispose]();
  }
}

/** The shipped models, and the chains that a section is for and whose parts are shipped. */
async function defaultModels(): Promise<string[]> {
  const shipped = await listModels();
  const chains = new Set(SECTIONS.flatMap(({ chains = [] }) => chains));
  return [
    ...shipped,
    ...[...chains].filter((chain) => chainNames(chain).every((name) => shipped.includes(name))),
  ];
}

async function openModels(options: ScoreboardOptions, opened: OpenedChain[]): Promise<ModelRow[]> {
  const rows: ModelRow[] = [];
  const open = ({ model }: ChosenModel) => openNetwork(model, options.device ?? "cpu", { cpu: cpuNetwork });
  for (const name of options.models ?? await defaultModels()) {
    const models = await chooseModels({ model: name });
    const each = await openChain(models, open);
    opened.push(each);
    for (const selfEnsemble of options.selfEnsemble ? [false, true] : [false]) {
      const label = `**${name}**${selfEnsemble ? ", self-ensemble" : ""}`;
      rows.push({
        ...{ label, name, scale: chainScale(models.map(({ model }) => model.topology)) },
        key: `${name} ${models.map(({ model }) => fingerprint(model)).join(" ")}${
          selfEnsemble ? " ensemble" : ""
        }`,
        restorer: networkRestorer(label, each.networks, { selfEnsemble }),
      });
    }
  }
  return rows;
}

function sectionTable(
  section: Section,
  heads: readonly string[],
  methods: readonly Method[],
  cells: readonly (readonly Cell[])[],
): string {
  const counted = heads.map((head, i) => `${head} (${cells[i][0].photos})`);
  const rows = methods.map(({ label }, row) => [
    label,
    ...cells.map((column) => {
      const { [section.metric]: value, failures, exact } = column[row];
      const notes = [
        ...(value !== null && exact ? [`without ${exact} exact`] : []),
        ...(failures ? [`${failures} failed`] : []),
      ];
      return `${value === null ? "∞" : value.toFixed(2)}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
    }),
  ]);
  const published = section.published.filter(({ figures }) => heads.some((head) => head in figures));
  for (const { method, figures } of published) {
    rows.push([
      `${method}, published`,
      ...heads.map((head) => head in figures ? figures[head].toFixed(2) : "–"),
    ]);
  }
  const sources = [...new Set(published.map(({ source }) => source))];
  return [
    ...[`### ${section.title}`, "", section.about, "", ...markdown(["", ...counted], rows)],
    ...(sources.length > 0 ? ["", `Published: ${sources.join("; ")}.`] : []),
  ].join("\n");
}

/** A cell with the column that it is of. */
interface Placed extends Cell {
  readonly head: string;
}

/** Mean change of each channel over all photos of all columns, and the worst of a single photo. */
function colourTable(colours: ReadonlyMap<string, readonly Placed[]>): string {
  const rows = [...colours].map(([label, cells]) => {
    const photos = cells.reduce((sum, cell) => sum + cell.all, 0);
    const mean = [0, 1, 2].map((c) => cells.reduce((sum, cell) => sum + cell.shiftSums[c], 0) / photos);
    const worst = cells.toSorted((a, b) => b.worstShift - a.worstShift).slice(0, 3);
    return [
      label,
      ...mean.map((value) => value.toFixed(3)),
      worst.map(({ head, worstShift }) => `${worstShift.toFixed(2)} (${head})`).join(", "),
      String(photos),
    ];
  });
  const about =
    "Mean change of a channel over everything above, and in which columns a single photo's changes most, in 1/255.";
  return ["### Colour", "", about, "", ...markdown(["", "R", "G", "B", "worst photos", "photos"], rows)].join(
    "\n",
  );
}

function markdown(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), `|${" --- |".repeat(heads.length)}`, ...rows.map(line)];
}

const USAGE =
  "deno task scoreboard PATHS... [--models a,b+c] [--limit N] [--out FILE] [--store FILE] [--device auto|gpu|cpu] [--no-classical] [--self-ensemble]";

async function main(): Promise<number> {
  const { positionals, values } = readArguments(USAGE, {
    allowPositionals: true,
    options: {
      models: { type: "string" },
      limit: { type: "string" },
      out: { type: "string" },
      store: { type: "string", default: "runs/scoreboard.json" },
      device: { type: "string", default: "auto" },
      "no-classical": { type: "boolean" },
      "self-ensemble": { type: "boolean" },
    },
  });
  if (positionals.length === 0) refuse(USAGE);
  const limit = values.limit === undefined ? undefined : wholeNumber(USAGE, "--limit", values.limit);
  await Deno.mkdir(dirname(values.store), { recursive: true });
  const text = await scoreboard(positionals, {
    models: values.models?.split(","),
    limit,
    classical: !values["no-classical"],
    selfEnsemble: values["self-ensemble"],
    device: values.device as DeviceChoice,
    store: values.store,
    onColumn: (section, column) => console.error(`${section}: ${column}`),
  });
  if (values.out === undefined) console.log(text);
  else await writeFileAtomically(values.out, new TextEncoder().encode(text));
  return 0;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    Deno.exitCode = error.exitCode;
  }
}
