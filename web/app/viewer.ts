/** The stage: a photo before and after, parted by a divider, with zoom and pan for both at once. */
import { byId } from "./dom.ts";
import {
  centred,
  fitted,
  kept,
  overflows,
  panned,
  type Point,
  type Size,
  type View,
  zoomed,
} from "./viewport.ts";

/** Enlarged at least so much, pixels are shown as squares. */
const SHARP_FROM = 3;
const ZOOM_STEP = 1.25;
const PAN_STEP = 60;

/** A photo on the stage: `plain` is `before` at the result's size, filled tile by tile, where that is larger. */
export interface Shown {
  readonly before: HTMLCanvasElement;
  readonly plain?: HTMLCanvasElement;
  readonly after: HTMLCanvasElement;
}

export class Viewer {
  readonly #stage = byId("stage");
  readonly #before = this.#stage.querySelector<HTMLElement>(".before")!;
  readonly #after = this.#stage.querySelector<HTMLElement>(".after")!;
  readonly #tag = this.#stage.querySelector<HTMLElement>(".tag.left")!;
  readonly #divider = this.#stage.querySelector<HTMLElement>(".divider")!;
  readonly #split = byId<HTMLInputElement>("split");
  readonly #level = byId("zoom-level");
  #photo: Size | undefined;
  #view: View = { scale: 1, x: 0, y: 0 };
  /** Whether the view follows the stage's size. */
  #fits = true;
  #pointers = new Map<number, Point>();
  #dragging: "photo" | "divider" | undefined;

  constructor() {
    this.#split.addEventListener("input", () => this.#paint());
    byId("zoom-in").addEventListener("click", () => this.#zoom(ZOOM_STEP));
    byId("zoom-out").addEventListener("click", () => this.#zoom(1 / ZOOM_STEP));
    byId("zoom-fit").addEventListener("click", () => this.fit());
    this.#stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.#stage.addEventListener("keydown", (event) => this.#key(event));
    this.#stage.addEventListener("pointerdown", (event) => this.#down(event));
    this.#stage.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"] as const) {
      this.#stage.addEventListener(name, (event) => this.#up(event));
    }
    this.#stage.addEventListener("dblclick", (event) => this.#doubleClick(event));
    new ResizeObserver(() => this.#resized()).observe(this.#stage);
  }

  /** Shows a photo; the view stays where the size does. */
  show({ before, plain, after }: Shown): void {
    const changed = this.#photo?.width !== after.width || this.#photo.height !== after.height;
    this.#photo = { width: after.width, height: after.height };
    this.#before.replaceChildren(before, ...plain ? [plain] : []);
    this.#after.replaceChildren(after);
    // What stands left of the divider where the result is larger: the photo enlarged without a network.
    this.#tag.textContent = plain ? "Bicubic" : "Before";
    if (changed) this.fit();
    else this.#paint();
  }

  /** How much of the result is blended in, 0..1. */
  set strength(strength: number) {
    this.#after.style.opacity = String(strength);
  }

  /** Shows the whole photo. */
  fit(): void {
    if (!this.#photo) return;
    this.#fits = true;
    this.#view = fitted(this.#photo, this.#size);
    this.#paint();
  }

  get #size(): Size {
    return { width: this.#stage.clientWidth || 1, height: this.#stage.clientHeight || 1 };
  }

  #change(view: View): void {
    this.#fits = false;
    this.#view = view;
    this.#paint();
  }

  #zoom(factor: number, at?: Point): void {
    if (!this.#photo) return;
    const { width, height } = this.#size;
    this.#change(zoomed(this.#view, factor, at ?? { x: width / 2, y: height / 2 }, this.#photo, this.#size));
  }

  #resized(): void {
    if (!this.#photo) return;
    if (this.#fits) this.fit();
    else this.#change(kept(this.#view, this.#photo, this.#size));
  }

  #paint(): void {
    if (!this.#photo) return;
    const { scale, x, y } = this.#view;
    for (const layer of [this.#before, this.#after]) {
      for (const canvas of layer.querySelectorAll("canvas")) {
        // Canvases of unlike sizes cover the same place.
        const own = scale * this.#photo.width / canvas.width;
        canvas.style.transform = `translate(${x}px, ${y}px) scale(${own})`;
      }
      layer.classList.toggle("sharp", scale * devicePixelRatio >= SHARP_FROM);
    }
    const share = this.#split.valueAsNumber;
    this.#after.style.clipPath = `inset(0 0 0 ${share}%)`;
    this.#divider.style.left = `${share}%`;
    this.#split.setAttribute("aria-valuetext", `${share} % before, ${100 - share} % after`);
    this.#level.textContent = `${Math.round(scale * devicePixelRatio * 100)} %`;
  }

  #key(event: KeyboardEvent): void {
    if (event.target !== this.#stage || event.ctrlKey || event.metaKey || event.altKey || !this.#photo) {
      return;
    }
    const moves: Record<string, Point> = {
      ArrowLeft: { x: PAN_STEP, y: 0 },
      ArrowRight: { x: -PAN_STEP, y: 0 },
      ArrowUp: { x: 0, y: PAN_STEP },
      ArrowDown: { x: 0, y: -PAN_STEP },
    };
    if (event.key === "+" || event.key === "=") this.#zoom(ZOOM_STEP);
    else if (event.key === "-") this.#zoom(1 / ZOOM_STEP);
    else if (event.key === "0") this.fit();
    else if (event.key === "1") this.#change(this.#everyPixel());
    else if (Object.hasOwn(moves, event.key)) {
      this.#change(panned(this.#view, moves[event.key], this.#photo, this.#size));
    } else return;
    event.preventDefault();
  }

  #everyPixel(): View {
    return centred(this.#photo!, this.#size, 1 / devicePixelRatio);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    this.#zoom(Math.exp(-event.deltaY * lines * 0.0015), this.#at(event));
  }

  #doubleClick(event: MouseEvent): void {
    if ((event.target as Element).closest(".zoom, .divider") || !this.#photo) return;
    if (!this.#fits) this.fit();
    else this.#zoom(1 / devicePixelRatio / this.#view.scale, this.#at(event));
  }

  #at(event: MouseEvent): Point {
    const { left, top } = this.#stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #down(event: PointerEvent): void {
    const target = event.target as Element;
    if (target.closest(".zoom") || event.button !== 0 || !this.#photo) return;
    this.#stage.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#at(event));
    // A photo that shows as a whole cannot be moved, so that a finger anywhere moves the divider.
    const divides = target.closest(".divider") || !overflows(this.#view, this.#photo, this.#size);
    this.#dragging = this.#pointers.size > 1 ? "photo" : divides ? "divider" : "photo";
    this.#stage.classList.toggle("panning", this.#dragging === "photo");
    this.#stage.classList.toggle("dividing", this.#dragging === "divider");
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (!before || !this.#photo) return;
    const now = this.#at(event);
    this.#pointers.set(event.pointerId, now);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      // The photo follows the point between the two fingers, and grows as they part.
      const middle = (p: Point) => ({ x: (p.x + other.x) / 2, y: (p.y + other.y) / 2 });
      const distance = (p: Point) => Math.max(Math.hypot(p.x - other.x, p.y - other.y), 1);
      const [from, to] = [middle(before), middle(now)];
      const moved = panned(this.#view, { x: to.x - from.x, y: to.y - from.y }, this.#photo, this.#size);
      this.#change(zoomed(moved, distance(now) / distance(before), to, this.#photo, this.#size));
    } else if (this.#dragging === "divider") {
      this.#split.valueAsNumber = 100 * now.x / this.#size.width;
      this.#paint();
    } else {
      this.#change(panned(this.#view, { x: now.x - before.x, y: now.y - before.y }, this.#photo, this.#size));
    }
  }

  #up(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    if (this.#pointers.size > 0) return;
    this.#dragging = undefined;
    this.#stage.classList.remove("panning", "dividing");
  }
}
