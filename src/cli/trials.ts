/** `clairnet trials`. */
import { displayName } from "../base/display_name.ts";
import { oneLine } from "../base/errors.ts";
import { openPhotos, surveyPhotos } from "../data/open.ts";
import { openGpu } from "../gpu/device.ts";
import { formatTrialsJson } from "../trials/results.ts";
import { runTrials, type TrialsOutcome } from "../trials/run_trials.ts";
import { type PresetName, PRESETS } from "../trials/settings.ts";
import { saveReport } from "../trials/save_report.ts";
import { checkTrials } from "../trials/trials_folder.ts";
import { complain } from "./messages.ts";
import { readNames } from "./options.ts";
import { complainOfAllSkipped } from "./skipped_files.ts";
import { duration, interruptible, printLine, progressBar } from "./terminal.ts";
import { VERSION } from "./version.ts";

interface Options {
  readonly data: string;
  readonly out: string;
  readonly only?: string;
  readonly preset: PresetName;
  readonly steps?: number;
  readonly seed: number;
  readonly isomap: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function trials(options: Options): Promise<number> {
  const { data, out, seed, quiet = false } = options;
  const named = PRESETS[options.preset];
  const preset = { ...named, steps: options.steps ?? named.steps };
  const say = (line: string) => quiet || console.error(line);
  // What is wrong with the call, the data or the folder is said before a GPU is opened and photos are read, which take their time.
  const files = options.only ? await readNames(options.only) : undefined;
  await checkTrials({ out, preset, seed, survey: await surveyPhotos(data, files) });
  using gpu = await openGpu();
  say(
    `Trials on ${gpu.adapter.name}${
      gpu.adapter.software === (preset.name === "cpu")
        ? ""
        : gpu.adapter.software
        ? ", a software adapter: --preset gpu will take days on it"
        : ": --preset gpu trains longer and larger networks"
    }`,
  );
  const loading = progressBar("{bar} reading photos {value}/{total}", quiet);
  const source = await openPhotos(data, {
    files,
    onProgress: (done, total) => loading.update(done, total),
  }).finally(() => loading.stop());
  complainOfAllSkipped(source.skipped);

  using interrupt = interruptible();
  const bar = progressBar(
    "{bar} {value}/{total} · held-out {psnr} dB · {speed} steps/s · {left} left",
    quiet,
  );
  const stopped = (): number => {
    console.error("clairnet: stopped; the same command goes on from there");
    return 130;
  };
  let outcome: TrialsOutcome | undefined;
  try {
    outcome = await runTrials({
      ...{ gpu, source, data, out, preset, seed, version: VERSION, signal: interrupt.signal },
      patchMethods: options.isomap,
      onTraining: (_, { step, steps, psnr, stepsPerSecond, secondsLeft }) =>
        bar.update(step, steps, {
          ...{ psnr: psnr?.toFixed(2) ?? "–", speed: stepsPerSecond.toPrecision(3) },
          left: duration(secondsLeft),
        }),
      onStage: (line) => {
        bar.stop();
        say(line);
      },
    });
  } catch (error) {
    if (interrupt.signal.aborted && error === interrupt.signal.reason) return stopped();
    throw error;
  } finally {
    bar.stop();
  }
  if (!outcome) return stopped();
  const { page, sentences } = await saveReport(out, outcome);
  for (const line of sentences) say(line);
  say(`Report: ${page}`);
  if (options.json) printLine(formatTrialsJson(outcome.report).trimEnd());
  const { failures } = outcome.report;
  for (const { name, reason } of failures) complain(`${displayName(name)}: ${oneLine(reason)}`);
  return failures.length > 0 ? 1 : 0;
}
