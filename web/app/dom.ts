/** Small helpers around the page's elements. */
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/** The element of this id. @throws {Error} where index.html has none. */
export function byId<T extends Element = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element as unknown as T;
}

/** A new canvas that is read often: it stays in main memory, where reading is quick and exact. */
export function newCanvas(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

/** The drawing context of a canvas that is read often. */
export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  return canvas.getContext("2d", { willReadFrequently: true })!;
}

/** @throws {Error} that says `refusal` where the canvas is larger than this browser can hold: it would silently stay empty. */
export function requireCanvas(canvas: HTMLCanvasElement, refusal: string): void {
  const { width, height } = canvas;
  const context: CanvasRenderingContext2D | null = contextOf(canvas);
  context?.fillRect(width - 1, height - 1, 1, 1);
  const works = context?.getImageData(width - 1, height - 1, 1, 1).data[3] === 255;
  context?.clearRect(width - 1, height - 1, 1, 1);
  if (!works) throw new Error(refusal);
}

/**
 * Moves the focus on if it is in an element that is about to be hidden or disabled: that would lose it, and the keyboard would
 * have to start at the top of the page.
 */
export function passFocus(from: Element, to: HTMLElement): void {
  if (from.contains(document.activeElement)) to.focus();
}

/** Says something to those who do not see the page. */
export function announce(text: string): void {
  byId("live").textContent = text;
}

/** An option of a select element. */
export function option(value: string, label: string): HTMLOptionElement {
  const element = document.createElement("option");
  element.value = value;
  element.textContent = label;
  return element;
}

/** Offers a file for saving. */
export function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser reads the address after the click has returned.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Seconds as `1 h 05 min`, `3 min 20 s` or `12 s`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole % 3600 / 60))} min`;
  return whole >= 60 ? `${Math.floor(whole / 60)} min ${two(whole % 60)} s` : `${whole} s`;
}

/** `1 photo`, `3 photos`. */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;
}
