/** The second of the page's two parts: training on one's own photos. */
import type { Preview, TrainReply, TrainRequest } from "../worker/protocol.ts";
import { drawChart, type LossPoint } from "./chart.ts";
import { announce, byId, counted, duration, passFocus, save } from "./dom.ts";
import type { ModelChoice, ModelList } from "./models.ts";
import { TrainForm } from "./train_form.ts";

const MODEL_NAME = "own.safetensors";

export class Train {
  readonly #form: TrainForm;
  readonly #models: ModelList;
  readonly #use: (model: ModelChoice) => void;
  readonly #chart = byId<SVGSVGElement>("chart");
  #worker: Worker | undefined;
  #points: LossPoint[] = [];
  #steps = 1;
  #file: Uint8Array<ArrayBuffer> | undefined;

  /** @param use takes a model that was trained here to the other part of the page. */
  constructor(models: ModelList, gpuAvailable: boolean, use: (model: ModelChoice) => void) {
    this.#models = models;
    this.#form = new TrainForm(models);
    this.#use = use;
    byId("train-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    byId("train-form").addEventListener("keydown", (event) => {
      // Held down, the key that starts would at once stop: the focus has moved on to the other button.
      if (event.repeat && event.key === "Enter") event.preventDefault();
    });
    byId("stop").addEventListener("click", () => {
      // Not disabled, which would lose the focus.
      byId("stop").setAttribute("aria-disabled", "true");
      this.#send({ kind: "stop" });
    });
    byId("save-model").addEventListener("click", () => {
      save(new Blob([this.#file!], { type: "application/octet-stream" }), MODEL_NAME);
    });
    byId("use-model").addEventListener("click", () => {
      this.#use(this.#models.add(MODEL_NAME, this.#file!, "Trained here on your own photos"));
    });
    new ResizeObserver(() => this.#draw()).observe(this.#chart);
    if (!gpuAvailable) {
      this.#form.disabled = true;
      this.#fail("Training needs WebGPU, which this browser does not offer here.");
    }
  }

  /** Takes files that were dropped anywhere on the page. */
  take(files: readonly File[]): void {
    if (!this.#worker) this.#form.take(files);
  }

  #start(): void {
    this.#fail("");
    try {
      const training = this.#form.read();
      this.#steps = training.steps;
      this.#worker = new Worker(new URL("train_worker.js", document.baseURI), { type: "module" });
      this.#worker.onmessage = ({ data }: MessageEvent<TrainReply>) => this.#receive(data);
      this.#worker.onerror = (event) => {
        event.preventDefault();
        this.#receive({ kind: "failed", message: event.message || "The page's worker could not be started" });
      };
      this.#send({ kind: "train", training });
    } catch (error) {
      this.#fail((error as Error).message);
      return;
    }
    this.#points = [];
    this.#draw();
    this.#run(true);
    this.#say("Getting ready…", "");
  }

  #send(request: TrainRequest): void {
    this.#worker?.postMessage(request);
  }

  #receive(reply: TrainReply): void {
    if (reply.kind === "decoding") this.#say("Reading the photos", `${reply.done} of ${reply.total}`);
    else if (reply.kind === "ready") {
      const skipped = reply.skipped.length > 0
        ? `; ${counted(reply.skipped.length, "file")} could not be read`
        : "";
      this.#say(
        "Training",
        `${counted(reply.parameters, "weight")} on ${
          counted(reply.photos, "photo")
        }${skipped}. On ${reply.device}.`,
      );
      announce("Training has started");
    } else if (reply.kind === "progress") this.#progress(reply);
    else if (reply.kind === "done") this.#finish(reply);
    else {
      this.#run(false);
      this.#fail(reply.message);
      this.#say("The training has failed", reply.message);
    }
  }

  #progress({ step, loss, stepsPerSecond, psnr, preview }: Extract<TrainReply, { kind: "progress" }>): void {
    this.#points.push({ step, loss });
    this.#draw();
    byId("course-title").textContent = `Step ${step.toLocaleString("en")} of ${
      this.#steps.toLocaleString("en")
    }`;
    byId<HTMLProgressElement>("train-progress").value = step / this.#steps;
    byId("train-figures").hidden = false;
    byId("train-loss").textContent = loss.toPrecision(3);
    byId("train-left").textContent = duration((this.#steps - step) / stepsPerSecond);
    if (psnr) {
      byId("train-psnr").textContent = `${psnr.restored.toFixed(2)} dB`;
      byId("train-damaged").textContent = `${psnr.damaged.toFixed(2)} dB`;
    }
    if (preview) showPreview(preview);
  }

  #finish({ step, stopped, file }: Extract<TrainReply, { kind: "done" }>): void {
    this.#file = file;
    for (const id of ["train-result", "train-hint"]) byId(id).hidden = false;
    // Not to Start: who presses Enter once more would train anew, without the model that was just made.
    passFocus(byId("stop"), byId("save-model"));
    this.#run(false);
    const title = stopped ? `Stopped after ${counted(step, "step")}` : `Trained for ${counted(step, "step")}`;
    byId("course-title").textContent = title;
    byId("train-left").textContent = "–";
    byId("train-result").scrollIntoView({ block: "nearest" });
    announce(`${title}. The model can be saved.`);
  }

  #run(running: boolean): void {
    const [start, stop] = [byId("start"), byId("stop")];
    if (running) {
      stop.hidden = false;
      stop.setAttribute("aria-disabled", "false");
      passFocus(byId("train-form"), stop);
      start.hidden = true;
      this.#form.disabled = true;
      for (const id of ["train-result", "train-hint", "train-figures", "preview"]) byId(id).hidden = true;
    } else {
      this.#form.disabled = false;
      start.hidden = false;
      passFocus(stop, start);
      stop.hidden = true;
      this.#worker?.terminate();
      this.#worker = undefined;
    }
    byId("train").classList.toggle("running", running);
    byId("train-progress").hidden = !running;
  }

  #draw(): void {
    drawChart(this.#chart, this.#points, this.#steps);
  }

  #say(title: string, text: string): void {
    byId("course-title").textContent = title;
    byId("course-text").textContent = text;
  }

  #fail(text: string): void {
    byId("train-error").textContent = text;
    byId("train-error").hidden = text === "";
  }
}

function showPreview(preview: Preview): void {
  byId("preview").hidden = false;
  for (const kind of ["damaged", "restored", "original"] as const) {
    const canvas = byId<HTMLCanvasElement>(`preview-${kind}`);
    canvas.width = canvas.height = preview.size;
    canvas.getContext("2d")!.putImageData(new ImageData(preview[kind], preview.size), 0, 0);
  }
}
