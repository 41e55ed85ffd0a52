/** The first of the page's two parts: photos in, better photos out. */
import { STRONGLY_COMPRESSED } from "../../src/image/jpeg_quality.ts";
import type { EnhanceReply } from "../worker/protocol.ts";
import { announce, byId, contextOf, counted, duration, passFocus, save } from "./dom.ts";
import type { Engine, Outcome } from "./engine.ts";
import { isModel, isPhoto } from "./intake.ts";
import { Measuring } from "./measuring.ts";
import { PhotoItem } from "./photo_item.ts";
import { encodeResult, formatNote, writtenType } from "./result.ts";
import type { Settings } from "./settings.ts";
import { Strip } from "./strip.ts";
import { Viewer } from "./viewer.ts";

export class Restore {
  readonly #engine: Engine;
  readonly #settings: Settings;
  readonly #viewer = new Viewer();
  readonly #measuring = new Measuring();
  readonly #strip = new Strip((item) => this.#select(item));
  #items: PhotoItem[] = [];
  #selected: PhotoItem | undefined;
  #running: { readonly item: PhotoItem; cancel(): void } | undefined;
  /** Counts how often photos were cancelled or removed, so that those still being read by then are left out. */
  #stops = 0;
  #measureSoon: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: Engine, settings: Settings) {
    this.#engine = engine;
    this.#settings = settings;
    byId("download").addEventListener("click", () => this.#download([this.#selected!]));
    byId("download-all").addEventListener("click", () => this.#download(this.#done()));
    byId("cancel").addEventListener("click", () => this.#cancel());
    byId("clear").addEventListener("click", () => this.#clear());
    byId("restore").addEventListener("reference", () => this.#measure());
  }

  /** Adds photos, or models, and starts on them. */
  async add(files: readonly File[]): Promise<void> {
    for (const file of files.filter(isModel)) await this.#settings.open(file);
    const photos = files.filter(isPhoto);
    if (!this.#settings.models) return this.#complain("There is no model: open a .safetensors file first.");
    if (photos.length === 0) {
      if (!files.some(isModel)) this.#complain("None of these files is a photo.");
      return;
    }
    this.#complain("");
    const problems: string[] = [];
    const stops = this.#stops;
    for (const file of photos) {
      const opened = await PhotoItem.open(file).catch((error: Error) => error);
      if (this.#stops !== stops) return;
      if (opened instanceof PhotoItem) this.#take(opened);
      else {
        problems.push(opened.message);
        this.#complain(`${problems.join(". ")}.`);
      }
    }
  }

  /** Does all photos again with the model that is chosen now, the one in view first. */
  redo(): void {
    this.#running?.cancel();
    for (const item of this.#items) item.reset();
    if (this.#selected) this.#viewer.show(this.#selected);
    this.#show();
    // Its figures are of the result that is gone.
    this.#measure();
    this.#next();
  }

  /** Takes up a new strength. */
  strengthen(): void {
    this.#viewer.strength = this.#settings.strength;
    clearTimeout(this.#measureSoon);
    this.#measureSoon = setTimeout(() => this.#measure(), 120);
  }

  #take(item: PhotoItem): void {
    this.#items.push(item);
    byId("welcome").hidden = true;
    byId("workspace").hidden = false;
    if (!this.#selected) this.#select(item);
    this.#show();
    this.#next();
  }

  #select(item: PhotoItem): void {
    this.#selected = item;
    this.#viewer.show(item);
    this.#viewer.strength = this.#settings.strength;
    this.#show();
    this.#measure();
  }

  #measure(): void {
    this.#measuring.show(this.#selected, this.#settings.strength);
  }

  /** Starts on the next photo that waits, the one in view before the others. */
  async #next(): Promise<void> {
    if (this.#running) return;
    const waiting = this.#items.filter(({ state }) => state === "waiting");
    const item = waiting.find((each) => each === this.#selected) ?? waiting[0];
    const models = this.#settings.models;
    if (!item || !models) return;
    item.models = models;
    item.state = "working";
    item.message = "Getting ready…";
    // A photo that is being redone gets a new canvas; what still comes for the old one is not shown.
    let { after } = item;
    let tooLarge: string | undefined;
    const { finished, cancel } = this.#engine.enhance({
      models,
      image: item.pixels(),
      onStart: (device, scale) => {
        if (item.after !== after) return;
        item.message = `On the ${device}`;
        if (scale !== 1) {
          try {
            item.empty(scale);
          } catch (error) {
            tooLarge = (error as Error).message;
            cancel();
          }
          after = item.after;
          if (item === this.#selected) this.#viewer.show(item);
        }
        this.#show();
      },
      onTile: (tile) => {
        if (item.after === after) this.#takeTile(item, tile);
      },
    });
    this.#running = { item, cancel };
    this.#show();
    const outcome = await finished;
    this.#running = undefined;
    if (item.after === after) {
      this.#conclude(item, tooLarge === undefined ? outcome : { kind: "failed", message: tooLarge });
    }
    this.#next();
  }

  #takeTile(item: PhotoItem, { part, done, total }: Extract<EnhanceReply, { kind: "tile" }>): void {
    if (part) {
      const { area: { x0, x1, y0, y1 }, rgba, plain } = part;
      const put = (canvas: HTMLCanvasElement, pixels: Uint8ClampedArray<ArrayBuffer>) =>
        contextOf(canvas).putImageData(new ImageData(pixels, x1 - x0, y1 - y0), x0, y0);
      put(item.after, rgba);
      if (plain && item.plain) put(item.plain, plain);
    }
    item.progress = done / total;
    // Several models cut the photo into tiles each in its own way: a share says more then.
    item.message = item.models.length === 1
      ? `Tile ${done} of ${total}`
      : `${Math.round(100 * item.progress)} %`;
    this.#show();
  }

  #conclude(item: PhotoItem, outcome: Outcome): void {
    item.state = outcome.kind;
    if (outcome.kind === "done") {
      item.message = `${item.plain ? "Enlarged" : "Restored"} in ${duration(outcome.seconds)}`;
    } else if (outcome.kind === "failed") item.message = outcome.message;
    else item.message = "Cancelled";
    if (outcome.kind !== "done") item.empty();
    if (item === this.#selected) this.#viewer.show(item);
    announce(`${item.name}: ${item.message}`);
    this.#show();
    if (item === this.#selected) this.#measure();
  }

  #cancel(): void {
    this.#stops++;
    for (const item of this.#items.filter(({ state }) => state === "waiting")) {
      item.state = "cancelled";
      item.message = "Cancelled";
    }
    this.#running?.cancel();
    this.#show();
  }

  #clear(): void {
    this.#cancel();
    this.#items = [];
    this.#selected = undefined;
    byId("welcome").hidden = false;
    byId("workspace").hidden = true;
    this.#show();
    announce("All photos removed");
    byId("welcome").querySelector("button")!.focus();
  }

  #done(): PhotoItem[] {
    return this.#items.filter(({ state }) => state === "done");
  }

  async #download(items: readonly PhotoItem[]): Promise<void> {
    // Taken before anything is waited for: meanwhile a person may choose another model, which empties the results.
    const results = items.map(({ result }) => result);
    const { strength } = this.#settings;
    try {
      for (const result of results) {
        const { blob, name, note } = await encodeResult(result, strength);
        save(blob, name);
        byId("download-note").textContent = note;
      }
      announce(`${counted(items.length, "photo")} saved`);
    } catch (error) {
      this.#complain(`${(error as Error).message}.`);
    }
  }

  #show(): void {
    this.#strip.show(this.#items, this.#selected);
    const done = this.#done();
    byId("download-all").hidden = done.length < 2;
    byId("download-all").textContent = `Download all ${done.length}`;
    const idle = !this.#items.some(({ state }) => state === "working" || state === "waiting");
    if (idle) passFocus(byId("cancel"), byId("stage"));
    byId("cancel").hidden = idle;
    const item = this.#selected;
    if (!item) return;
    byId("photo-name").textContent = item.name;
    byId("photo-name").title = item.name;
    const { before, after } = item;
    const larger = item.plain ? ` → ${after.width} × ${after.height}` : "";
    byId("photo-facts").textContent = `${before.width} × ${before.height}${larger} pixels`;
    byId("photo-note").textContent = this.#noteOn(item);
    byId<HTMLProgressElement>("progress").value = item.state === "done" ? 1 : item.progress;
    byId("status-text").textContent = item.state === "waiting" ? "Waiting for its turn" : item.message;
    byId("status-text").classList.toggle("error", item.state === "failed");
    byId<HTMLButtonElement>("download").disabled = item.state !== "done";
    byId("download-note").textContent = formatNote(item.type, writtenType(item.type));
  }

  #noteOn({ jpegQuality = 100 }: PhotoItem): string {
    if (jpegQuality >= STRONGLY_COMPRESSED || !this.#settings.hasBetterForJpeg) return "";
    return `A JPEG of quality ${jpegQuality} or so: where compression is all that is wrong with it, the model jpeg does more.`;
  }

  #complain(text: string): void {
    byId("banner").textContent = text;
    byId("banner").hidden = text === "";
  }
}
