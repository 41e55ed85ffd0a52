/** What the scoreboard measures: a section a kind of damage, a column a set of photos and a strength. */
import { PUBLISHED_JPEG, PUBLISHED_NOISE, PUBLISHED_UPSCALE, type PublishedRow } from "./published.ts";

export interface Column {
  /** `SET CONDITION`, as published rows name it. */
  readonly head: string;
  /** Name of the set, see sets.ts. */
  readonly set: string;
  /** Damage; undefined where the set brings pairs. */
  readonly recipe?: string;
}

export interface Section {
  readonly title: string;
  readonly about: string;
  readonly metric: "psnr" | "psnrY";
  /** Models that enlarge by this belong here; 1: those that restore. */
  readonly scale: 1 | 2 | 4;
  /** Shipped models that are not made for this and left out. */
  readonly without: readonly string[];
  /** Chains of shipped models that are made for this. */
  readonly chains?: readonly string[];
  /** What the first row is called: the photos as they come in. */
  readonly untouched: string;
  /** Filters, as `evaluate --against` takes them. */
  readonly classical: readonly string[];
  readonly columns: readonly Column[];
  readonly published: readonly PublishedRow[];
}

const grid = (
  sets: readonly string[],
  conditions: readonly (readonly [name: string, recipe: string])[],
): Column[] =>
  sets.flatMap((set) => conditions.map(([name, recipe]) => ({ head: `${set} ${name}`, set, recipe })));

/** What touches nothing but black and white specks: elsewhere it gives back what it was given. */
const IMPULSE = ["impulse", "impulse-channels"];

export const SECTIONS: readonly Section[] = [
  {
    title: "Gaussian noise",
    about: "PSNR in dB over RGB. Our noise is clipped to 8 bits, the published is not.",
    metric: "psnr",
    scale: 1,
    without: [...IMPULSE, "jpeg"],
    untouched: "noisy",
    classical: ["nlm"],
    columns: grid(["cbsd68", "kodak24", "mcmaster", "urban100"], [
      ["σ15", "gaussian:15"],
      ["σ25", "gaussian:25"],
      ["σ50", "gaussian:50"],
    ]),
    published: PUBLISHED_NOISE,
  },
  {
    title: "Enlargement ×2",
    about: "PSNR in dB on Y, a border of 2 pixels left out, from the bicubic reduction of MATLAB's imresize.",
    metric: "psnrY",
    scale: 2,
    without: [],
    untouched: "bicubic",
    classical: ["unsharp:1:1"],
    columns: grid(["set5", "set14", "b100", "urban100"], [["×2", "shrink:2"]]),
    published: PUBLISHED_UPSCALE,
  },
  {
    title: "Enlargement ×4",
    about: "As before, at factor 4, a border of 4 pixels left out.",
    metric: "psnrY",
    scale: 4,
    without: [],
    // What `enhance --scale 4` takes where there is no model of that scale.
    chains: ["upscale2x+upscale2x"],
    untouched: "bicubic",
    classical: [],
    columns: grid(["set5", "set14", "b100"], [["×4", "shrink:4"]]),
    published: [],
  },
  {
    title: "JPEG artefacts, luma",
    about:
      "PSNR in dB on Y. Our JPEGs are of the colour photo (4:2:0), the published ones of its luma alone.",
    metric: "psnrY",
    scale: 1,
    without: ["denoise", ...IMPULSE],
    untouched: "JPEG as it is",
    classical: ["bilateral"],
    columns: grid(["live1", "classic5"], [["q10", "jpeg:10"], ["q20", "jpeg:20"], ["q30", "jpeg:30"], [
      "q40",
      "jpeg:40",
    ]]),
    published: PUBLISHED_JPEG,
  },
  {
    title: "JPEG artefacts, colour",
    about: "PSNR in dB over RGB, 4:2:0.",
    metric: "psnr",
    scale: 1,
    without: ["denoise", ...IMPULSE],
    untouched: "JPEG as it is",
    classical: ["bilateral"],
    columns: grid(["set14", "b100"], [["q20", "jpeg:20"], ["q40", "jpeg:40"]]),
    published: [],
  },
  {
    title: "Impulse noise",
    about: "PSNR in dB over RGB; a share of the pixels is black or white.",
    metric: "psnr",
    scale: 1,
    without: ["denoise", "jpeg"],
    untouched: "damaged",
    classical: ["median", "switching-mean"],
    columns: grid(
      ["set14"],
      [1, 5, 10, 30].map((share) => [`${share} %`, `salt-pepper:${share / 100}`] as const),
    ),
    published: [],
  },
  {
    title: "Impulse noise over blur, and under it",
    about: "PSNR in dB over RGB; the blur has sigma 1. Over: first the blur, then the impulses.",
    metric: "psnr",
    scale: 1,
    without: ["denoise", "jpeg"],
    chains: ["impulse+photo"],
    untouched: "damaged",
    classical: ["switching-mean", "switching-mean+unsharp", "median+unsharp"],
    columns: grid(["set14"], [
      ...[1, 5, 10, 30].map((share) => [`over, ${share} %`, `blur:1,salt-pepper:${share / 100}`] as const),
      ...[1, 5, 10, 30].map((share) => [`under, ${share} %`, `salt-pepper:${share / 100},blur:1`] as const),
    ]),
    published: [],
  },
  {
    title: "Blur, mixtures, and good photos",
    about: "PSNR in dB over RGB. Clean: the photo as it is goes in, and shall come out.",
    metric: "psnr",
    scale: 1,
    without: ["denoise", "jpeg"],
    untouched: "damaged",
    classical: ["unsharp:1:2"],
    columns: grid(["set14", "b100"], [
      ["blur 1", "blur:1"],
      ["blur 1.5", "blur:1.5"],
      ["photo mix", "photo"],
      ["clean", "none"],
    ]),
    published: [],
  },
  {
    title: "Noise of film and cameras",
    about:
      "PSNR in dB over RGB. Grain: coarser than a pixel. Grey: the same in all channels. Camera: a sensor's, brought through a camera's processing (sigma at mid-grey).",
    metric: "psnr",
    scale: 1,
    without: [...IMPULSE, "jpeg"],
    untouched: "noisy",
    classical: ["median", "nlm"],
    columns: grid(["set14", "b100"], [
      ["grain 10", "grain:10"],
      ["grey 15", "gaussian-grey:15"],
      ["camera 10", "camera:10"],
    ]),
    published: [],
  },
  {
    title: "Real noise",
    about: "PSNR in dB over RGB against the mean of many shots of the same scene.",
    metric: "psnr",
    scale: 1,
    without: [...IMPULSE, "jpeg"],
    untouched: "noisy",
    classical: ["median", "nlm"],
    columns: [{ head: "cc15", set: "cc15" }],
    published: [],
  },
];

/** Sets that any section asks for, in their order. */
export const WANTED_SETS: readonly string[] = [
  ...new Set(SECTIONS.flatMap(({ columns }) => columns.map(({ set }) => set))),
];
