/** Messages between the page and its workers. */

/** A rectangle of a photo: columns x0 ≤ x < x1, rows y0 ≤ y < y1. */
export interface Area {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

/** Where a worker gets a model from: an address, or the bytes of a file that a person gave. */
export interface ModelSource {
  /** The same key means the same model, which is then not loaded again. */
  readonly key: string;
  readonly name: string;
  readonly url?: string;
  readonly bytes?: Uint8Array;
}

/** To the worker that restores. */
export type EnhanceRequest =
  | {
    readonly kind: "enhance";
    readonly id: number;
    /** Models that the photo goes through, in order. */
    readonly models: readonly ModelSource[];
    readonly width: number;
    readonly height: number;
    /** 4·width·height samples, as a canvas gives them. */
    readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  }
  | { readonly kind: "cancel"; readonly id: number };

/** A part of a result. */
export interface ResultPart {
  /** In pixels of the result. */
  readonly area: Area;
  /** The area's pixels, ready for a canvas. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  /** Where the result is larger than the photo: the area as the photo shows it, enlarged without a network. */
  readonly plain?: Uint8ClampedArray<ArrayBuffer>;
}

/** From the worker that restores. */
export type EnhanceReply =
  | {
    readonly kind: "started";
    readonly id: number;
    readonly device: string;
    /** How many times larger each side comes out. */
    readonly scale: number;
  }
  | {
    readonly kind: "tile";
    readonly id: number;
    /** What the tile shows of the result; a model that is not the last of several makes nothing to show. */
    readonly part?: ResultPart;
    readonly done: number;
    readonly total: number;
  }
  | { readonly kind: "done"; readonly id: number; readonly seconds: number }
  | { readonly kind: "cancelled"; readonly id: number }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };

/** What to train, as the page's form says. */
export interface TrainingRequest {
  readonly files: readonly File[];
  readonly recipe: string;
  readonly steps: number;
  readonly batch: number;
  readonly patch: number;
  /** Peak learning rate. */
  readonly learningRate: number;
  /** Feature channels of the finest scale, and halvings; not used where `init` is given. */
  readonly base: number;
  readonly depth: number;
  readonly seed: number;
  /** Steps between looks at the loss. */
  readonly lookEvery: number;
  /** Weights to go on from. */
  readonly init?: ModelSource;
}

/** To the worker that trains. `stop` ends after the step at hand and keeps what was learnt. */
export type TrainRequest =
  | { readonly kind: "train"; readonly training: TrainingRequest }
  | { readonly kind: "stop" };

/** Three pictures of one size: as damaged, as the network restores it now, as it was. */
export interface Preview {
  readonly size: number;
  readonly damaged: Uint8ClampedArray<ArrayBuffer>;
  readonly restored: Uint8ClampedArray<ArrayBuffer>;
  readonly original: Uint8ClampedArray<ArrayBuffer>;
}

/** From the worker that trains. */
export type TrainReply =
  | { readonly kind: "decoding"; readonly done: number; readonly total: number }
  | {
    readonly kind: "ready";
    readonly device: string;
    readonly photos: number;
    readonly skipped: readonly string[];
    readonly parameters: number;
  }
  | {
    readonly kind: "progress";
    readonly step: number;
    /** Mean loss since the progress before. */
    readonly loss: number;
    readonly stepsPerSecond: number;
    /** Mean PSNR of the held-out patches in dB, as damaged and as restored now, where they were just measured. */
    readonly psnr?: { readonly damaged: number; readonly restored: number };
    readonly preview?: Preview;
  }
  /** `file` is a .safetensors model of the averaged weights. */
  | {
    readonly kind: "done";
    readonly step: number;
    readonly stopped: boolean;
    readonly file: Uint8Array<ArrayBuffer>;
  }
  | { readonly kind: "failed"; readonly message: string };
