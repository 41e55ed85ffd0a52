/** The row of photos below the stage: one of them is selected. */
import { byId, newCanvas } from "./dom.ts";
import type { PhotoItem } from "./photo_item.ts";

const SIDE = 184;

export class Strip {
  readonly #list = byId("strip");
  readonly #select: (item: PhotoItem) => void;
  #thumbs = new Map<PhotoItem, { button: HTMLButtonElement; state: HTMLElement }>();

  constructor(select: (item: PhotoItem) => void) {
    this.#select = select;
    this.#list.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Brings the row up to date. */
  show(items: readonly PhotoItem[], selected: PhotoItem | undefined): void {
    this.#list.hidden = items.length < 2;
    for (const [item, { button }] of this.#thumbs) {
      if (items.includes(item)) continue;
      button.remove();
      this.#thumbs.delete(item);
    }
    for (const item of items) {
      const { button, state } = this.#thumbs.get(item) ?? this.#add(item);
      const text = stateText(item);
      state.textContent = text;
      state.hidden = item.state === "done";
      button.setAttribute("aria-label", `${item.name}, ${text}`);
      button.setAttribute("aria-selected", String(item === selected));
      button.tabIndex = item === selected ? 0 : -1;
    }
  }

  #add(item: PhotoItem) {
    const button = document.createElement("button");
    button.className = "thumb";
    button.title = item.name;
    button.setAttribute("role", "option");
    const scale = Math.min(1, SIDE / Math.min(item.before.width, item.before.height));
    const [width, height] = [item.before.width, item.before.height].map((extent) =>
      Math.ceil(extent * scale)
    );
    const picture = newCanvas(width, height);
    picture.getContext("2d")!.drawImage(item.before, 0, 0, width, height);
    const state = document.createElement("span");
    state.className = "state";
    button.append(picture, state);
    button.addEventListener("click", () => this.#select(item));
    this.#list.append(button);
    const thumb = { button, state };
    this.#thumbs.set(item, thumb);
    return thumb;
  }

  #key(event: KeyboardEvent): void {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const items = [...this.#thumbs.keys()];
    const at = items.findIndex((item) => this.#thumbs.get(item)!.button === document.activeElement);
    const next = items[at + by];
    if (by === 0 || at < 0 || !next) return;
    event.preventDefault();
    this.#select(next);
    this.#thumbs.get(next)!.button.focus();
  }
}

/** A word or two on how far a photo is. */
function stateText({ state, progress }: PhotoItem): string {
  return state === "working" ? `${Math.round(progress * 100)} %` : state;
}
