/** The panel's part that measures a result against the undamaged photo. */
import { announce, byId } from "./dom.ts";
import { isPhoto, onDrop } from "./intake.ts";
import { decodePhoto, type PhotoItem } from "./photo_item.ts";
import { measure } from "./result.ts";

const INVITATION = "Drop the undamaged photo here to measure.";

export class Measuring {
  readonly #group = byId("reference").closest<HTMLElement>(".group")!;
  #item: PhotoItem | undefined;
  /** Counts measurements, so that one that was overtaken says nothing. */
  #turn = 0;

  constructor() {
    const input = byId<HTMLInputElement>("reference-input");
    byId("reference-choose").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.#take([...input.files ?? []]);
      input.value = "";
    });
    onDrop(this.#group, (files) => this.#take(files), (over) => this.#group.classList.toggle("over", over));
  }

  /** Shows the figures of a photo; call it when the photo, its result or the strength has changed. */
  async show(item: PhotoItem | undefined, strength: number): Promise<void> {
    const turn = ++this.#turn;
    this.#item = item;
    const reference = item?.reference;
    byId("reference-text").textContent = reference ? `Measured against ${reference.name}.` : INVITATION;
    byId("psnr").hidden = !(reference && item.state === "done");
    if (!reference || item.state !== "done") return;
    const { canvas, name } = reference;
    if (canvas.width !== item.after.width || canvas.height !== item.after.height) {
      byId("psnr").hidden = true;
      byId("reference-text").textContent =
        `${name} has ${canvas.width}×${canvas.height} pixels, the result ${item.after.width}×${item.after.height}: they cannot be compared.`;
      return;
    }
    const { before, after } = await measure(item.result, canvas, strength);
    if (turn !== this.#turn) return;
    const gain = after - before;
    byId("psnr-before-label").textContent = item.plain ? "Bicubic" : "Before";
    byId("psnr-before").textContent = decibels(before);
    byId("psnr-after").textContent = decibels(after);
    byId("psnr-gain").textContent = Number.isFinite(gain)
      ? `${gain < 0 ? "−" : "+"}${decibels(Math.abs(gain))}`
      : "–";
    announce(
      `PSNR ${item.plain ? "of the plain enlargement" : "before"} ${decibels(before)}, after ${
        decibels(after)
      }`,
    );
  }

  async #take(files: File[]): Promise<void> {
    const item = this.#item;
    const file = files.find(isPhoto);
    if (!item || !file) return;
    try {
      item.reference = { name: file.name, canvas: await decodePhoto(file) };
    } catch (error) {
      byId("reference-text").textContent = (error as Error).message;
      return;
    }
    this.#group.dispatchEvent(new CustomEvent("reference", { bubbles: true }));
  }
}

function decibels(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(2)} dB` : "identical";
}
