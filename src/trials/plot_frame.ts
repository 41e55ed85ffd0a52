/** What all plots of the report have in common: colours, size, and the library that draws them. */

/** Colours of trials and methods, legible on white and on black. */
export const TRIAL_COLOURS = ["#4f7fdb", "#e08214", "#d9534f", "#2f9e5b"];
export const METHOD_COLOURS = ["#8a8f98", "#4f7fdb", "#e08214", "#2f9e5b", "#a463f2"];
export const CHANNEL_COLOURS = ["#e05252", "#2f9e5b", "#4f7fdb"];
const WIDTH = 860;

/** One plot, with what it cannot show itself. */
export interface Figure {
  readonly title: string;
  readonly svg: string;
  /** Colours and what they stand for. */
  readonly legend?: readonly { readonly colour: string; readonly label: string }[];
  readonly note?: string;
}

export type Plot = typeof import("@observablehq/plot");
type PlotOptions = NonNullable<Parameters<Plot["plot"]>[0]>;
/** Draws a plot as SVG whose text takes the page's colour. */
export type Draw = (options: PlotOptions) => string;

/** Loads the plotting library, which is large: when there is something to draw. */
export async function openPlot(): Promise<{ plot: Plot; draw: Draw }> {
  const [plot, { DOMParser }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const draw: Draw = (options) => {
    const document = new DOMParser().parseFromString(
      "<!doctype html><html><body></body></html>",
      "text/html",
    );
    const svg = plot.plot({
      document: document as never,
      width: WIDTH,
      grid: true,
      // Room for the axes' labels beside the outermost ticks' own.
      marginTop: 36,
      marginBottom: 48,
      style: { background: "none", fontSize: "13px", overflow: "visible" },
      ...options,
    });
    // It shrinks with the page, and never grows: letters would grow with it.
    svg.style.maxWidth = `${svg.getAttribute("width")}px`;
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    return svg.outerHTML;
  };
  return { plot, draw };
}
