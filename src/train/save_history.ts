/** Keeps the course of a training as files that a person can look at while it runs. */
import { writeNamedFile } from "../base/write_file.ts";
import { formatHistory, type HistoryRow } from "./history.ts";

/** Writes `history.csv` and its plot `history.svg` into a folder. */
export async function saveHistory(dir: string, rows: readonly HistoryRow[]): Promise<void> {
  await writeNamedFile(`${dir}/history.csv`, new TextEncoder().encode(formatHistory(rows)));
  // The plotting library is large: it is loaded when there is something to draw.
  const { plotHistory } = await import("./history_plot.ts");
  await writeNamedFile(`${dir}/history.svg`, new TextEncoder().encode(await plotHistory(rows)));
}
