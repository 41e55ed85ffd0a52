/** The course of a training: a line for each look at the loss, kept as CSV. */
export interface HistoryRow {
  /** Steps done. */
  readonly step: number;
  /** Mean loss since the row before. */
  readonly loss: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  /** PSNR in dB on the held-out part, where it was measured at this step. */
  readonly psnr?: number;
}

const HEADER = "step,loss,learning_rate,gradient_norm,psnr_db";

/** As CSV with a header; numbers in full, so that they read back to the same bits. */
export function formatHistory(rows: readonly HistoryRow[]): string {
  const lines = rows.map(({ step, loss, learningRate, gradientNorm, psnr }) =>
    [step, loss, learningRate, gradientNorm, psnr ?? ""].join(",")
  );
  return [HEADER, ...lines].join("\n") + "\n";
}

/** Reads what `formatHistory` wrote. Lines that are no rows are passed over. */
export function parseHistory(text: string): HistoryRow[] {
  return text.split("\n").slice(1).flatMap((line) => {
    const [step, loss, learningRate, gradientNorm, psnr] = line.split(",");
    if (!step || gradientNorm === undefined) return [];
    return [{
      ...{
        step: Number(step),
        loss: Number(loss),
        learningRate: Number(learningRate),
        gradientNorm: Number(gradientNorm),
      },
      ...(psnr ? { psnr: Number(psnr) } : {}),
    }];
  });
}
