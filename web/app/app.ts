/** Starts the page: finds out what the browser offers, and ties the parts together. */
import { findAdapter } from "../../src/gpu/adapter.ts";
import { byId } from "./dom.ts";
import { Engine, type Where } from "./engine.ts";
import { filesOf, onDrop } from "./intake.ts";
import { ModelList } from "./models.ts";
import { Restore } from "./restore.ts";
import { Settings } from "./settings.ts";
import { shownPart, showPart, startTabs } from "./tabs.ts";
import { Train } from "./train.ts";

startTabs();
const adapter = await findAdapter().catch(() => undefined);
const where: Where = adapter ? "gpu" : "cpu";
showDevice(where);
if (!adapter) showBanner(noGpuText());

const models = new ModelList();
const engine = new Engine(where);
const settings = new Settings(models, where, adapter !== undefined, {
  onModel: () => restore.redo(),
  onStrength: () => restore.strengthen(),
  onWhere: (chosen) => {
    showDevice(chosen);
    engine.where = chosen;
    restore.redo();
  },
});
const restore = new Restore(engine, settings);
const train = new Train(models, adapter !== undefined, (model) => {
  showPart("restore");
  settings.take(model);
});
const take = (files: File[]) => shownPart() === "train" ? train.take(files) : restore.add(files);

const input = byId<HTMLInputElement>("file-input");
for (const button of document.querySelectorAll("[data-choose]")) {
  button.addEventListener("click", () => input.click());
}
input.addEventListener("change", () => {
  restore.add([...input.files ?? []]);
  input.value = "";
});
onDrop(document, take, (over) => byId("drop-hint").hidden = !over);
addEventListener("paste", async (event) => {
  const files = await filesOf(event.clipboardData);
  if (files.length > 0) take(files);
});
byId("sample").addEventListener("click", async () => {
  const response = await fetch(new URL("sample.jpg", document.baseURI)).catch(() => undefined);
  if (!response?.ok) return showBanner("The sample photo cannot be loaded.");
  restore.add([new File([await response.blob()], "raccoon.jpg", { type: "image/jpeg" })]);
});
await models.load().catch((error) => showBanner(`No model can be loaded: ${error.message}.`));
// For what drives the page from outside: everything is in place.
document.documentElement.dataset.ready = "";

function showDevice(chosen: Where): void {
  const device = byId("device");
  device.classList.toggle("gpu", chosen === "gpu");
  device.classList.toggle("cpu", chosen === "cpu");
  const name = adapter?.summary.name ?? "";
  device.textContent = chosen === "gpu"
    ? `WebGPU · ${name}${adapter?.summary.software ? " (software)" : ""}`
    : "Main processor";
}

function showBanner(text: string): void {
  byId("banner").textContent = text;
  byId("banner").hidden = false;
}

function noGpuText(): string {
  const why = isSecureContext
    ? "WebGPU comes with Chrome and Edge 113, Safari 26 and Firefox 141 or newer."
    : "Browsers offer WebGPU to pages over https and to this machine's own address only.";
  return `There is no WebGPU here, so photos are restored on the main processor, which takes longer, and nothing can be trained. ${why}`;
}
