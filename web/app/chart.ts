/** The loss over the steps of a training, as SVG; the loss on a logarithmic scale. */

export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

const HEIGHT = 240;
const MARGIN = { left: 56, right: 16, top: 16, bottom: 28 };
/** A look counts so much in the smooth line. */
const SMOOTHING = 0.15;

/** Draws the course so far; the axis goes to `steps`. */
export function drawChart(svg: SVGSVGElement, points: readonly LossPoint[], steps: number): void {
  const width = Math.max(svg.clientWidth, 240);
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  if (points.length === 0) {
    svg.replaceChildren();
    return;
  }
  const smooth = smoothed(points);
  const losses = points.map(({ loss }) => Math.log10(Math.max(loss, 1e-9)));
  let [low, high] = [Math.min(...losses), Math.max(...losses)];
  // At least a factor of one and a half from bottom to top, or noise would look like a course.
  const spread = Math.max(high - low, 0.18);
  [low, high] = [(low + high - spread) / 2 - 0.03, (low + high + spread) / 2 + 0.03];
  const x = (step: number) => MARGIN.left + (width - MARGIN.left - MARGIN.right) * step / steps;
  const y = (loss: number) => {
    const share = (Math.log10(Math.max(loss, 1e-9)) - low) / (high - low);
    return HEIGHT - MARGIN.bottom - (HEIGHT - MARGIN.top - MARGIN.bottom) * share;
  };
  const line = (course: readonly LossPoint[], kind: string) =>
    element("polyline", {
      class: kind,
      points: course.map(({ step, loss }) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(" "),
    });
  const parts: SVGElement[] = [];
  for (let i = 0; i <= 3; i++) {
    const loss = 10 ** (low + (high - low) * i / 3);
    const at = y(loss);
    parts.push(element("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: at, y2: at }));
    parts.push(label(loss.toPrecision(2), MARGIN.left - 8, at + 4, "end"));
  }
  parts.push(label("0", MARGIN.left, HEIGHT - 8, "start"));
  parts.push(label(`${steps.toLocaleString("en")} steps`, width - MARGIN.right, HEIGHT - 8, "end"));
  parts.push(line(points, "raw"), line(smooth, "smooth"));
  svg.replaceChildren(...parts);
  const [first, last] = [smooth[0], smooth[smooth.length - 1]];
  svg.setAttribute(
    "aria-label",
    `Loss, from ${first.loss.toPrecision(3)} at step ${first.step} to ${
      last.loss.toPrecision(3)
    } at step ${last.step}`,
  );
}

function smoothed(points: readonly LossPoint[]): LossPoint[] {
  let mean = points[0].loss;
  return points.map(({ step, loss }, index) => {
    // The first looks weigh more, or the line would start at the first one's chance.
    mean += Math.max(SMOOTHING, 1 / (index + 1)) * (loss - mean);
    return { step, loss: mean };
  });
}

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const result = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) result.setAttribute(key, String(value));
  return result;
}

function label(text: string, x: number, y: number, anchor: "start" | "end"): SVGElement {
  const result = element("text", { x, y, "text-anchor": anchor });
  result.textContent = text;
  return result;
}
