/** `clairnet evaluate`. */
import { cpuNetwork } from "../enhance/cpu_network.ts";
import { chooseModels } from "../enhance/choose_models.ts";
import { chainScale } from "../enhance/model_chain.ts";
import { openChain, type OpenedChain } from "../enhance/open_chain.ts";
import { type DeviceChoice, openNetwork } from "../enhance/open_network.ts";
import type { PrecisionChoice } from "../enhance/precision.ts";
import { requireScale } from "../evaluate/evaluate.ts";
import { evaluateSource } from "../evaluate/evaluate_folder.ts";
import { networkRestorer } from "../evaluate/network_restorer.ts";
import { openPairs } from "../evaluate/pairs.ts";
import { formatJson, formatTable } from "../evaluate/report.ts";
import { formatHtml, Illustrations, PAGE_START } from "../evaluate/report_html.ts";
import { parseRestorers, type Restorer } from "../evaluate/restorer.ts";
import { writeNamedFile } from "../base/write_file.ts";
import { displayName } from "../base/display_name.ts";
import { oneLine, UserError } from "../base/errors.ts";
import { complain } from "./messages.ts";
import { refuseToReplace } from "./replaceable.ts";
import { complainOfAllSkipped } from "./skipped_files.ts";
import { printLine, progressBar } from "./terminal.ts";

interface Options {
  readonly data: string;
  readonly model: string;
  readonly degrade?: string;
  readonly against?: string;
  readonly seed: number;
  readonly device: DeviceChoice;
  readonly precision: PrecisionChoice;
  readonly selfEnsemble?: boolean;
  readonly limit?: number;
  readonly report?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function evaluate(options: Options): Promise<number> {
  const { data, degrade, seed, limit, quiet = false } = options;
  const classical = distinct(options.against === undefined ? [] : parseRestorers(options.against));
  if (options.model === "none" && classical.length === 0) {
    throw new UserError("There is nothing to evaluate: give --model or --against", { exitCode: 2 });
  }
  if (options.report) await refuseToReplace(options.report, "--report", PAGE_START);
  let opened: OpenedChain | undefined;
  const bar = progressBar("{bar} {value}/{total} photos", quiet);
  try {
    const restorers = [...classical];
    const models = options.model === "none" ? [] : await chooseModels({ model: options.model });
    // What is wrong with the call or the data is said before a network is opened, which takes its time.
    const source = await openPairs(data, degrade, seed);
    if (models.length > 0) {
      const { device, precision } = options;
      requireScale(source, [{
        name: options.model,
        scale: chainScale(models.map(({ model }) => model.topology)),
      }]);
      const open = { cpu: cpuNetwork, precision };
      opened = await openChain(models, ({ model }) => openNetwork(model, device, open));
      for (const notice of opened.notices) console.error(notice);
      restorers.unshift(
        networkRestorer(options.model, opened.networks, { selfEnsemble: options.selfEnsemble }),
      );
    }
    complainOfAllSkipped(source.skipped ?? []);
    const illustrations = options.report ? new Illustrations(restorers.map(({ name }) => name)) : undefined;
    const evaluation = await evaluateSource(source, {
      ...{ data, seed, limit, restorers },
      onProgress: (done, total) => bar.update(done, total),
      onPictures: illustrations?.add,
    });
    bar.stop();
    printLine(options.json ? formatJson(evaluation) : formatTable(evaluation));
    if (options.report) {
      await writeNamedFile(
        options.report,
        new TextEncoder().encode(formatHtml(evaluation, illustrations)),
      );
      console.error(`Report: ${options.report}`);
    }
    for (const { name, reason } of evaluation.failures) complain(`${displayName(name)}: ${oneLine(reason)}`);
    return evaluation.failures.length > 0 ? 1 : 0;
  } finally {
    bar.stop();
    opened?.[Symbol.dispose]();
  }
}

/** Each filter once, because reports tell them apart by their names. */
function distinct(restorers: readonly Restorer[]): Restorer[] {
  const byName = new Map(restorers.map((restorer) => [restorer.name, restorer]));
  for (const name of byName.keys()) {
    const times = restorers.filter((restorer) => restorer.name === name).length;
    if (times > 1) console.error(`The filter ${name} is named ${times} times, and measured once`);
  }
  return [...byName.values()];
}
