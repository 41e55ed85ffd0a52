/** Figures of others, from their own papers' tables, to stand beside ours. Nothing here was measured by Clairnet. */

/** A method's published figures of one section. */
export interface PublishedRow {
  readonly method: string;
  /** Where the figures stand. */
  readonly source: string;
  /** dB by column: `SET CONDITION` as the section names it. */
  readonly figures: Readonly<Record<string, number>>;
}

const COLOUR_DENOISING = "tables of colour denoising in the papers of DRUNet and Restormer";
const EDSR = "paper and project of EDSR (Lim et al. 2017)";
const DNCNN = "paper of DnCNN (Zhang et al. 2017)";

const NOISE = [15, 25, 50];
/** `33.90/31.24/27.95` for sigma 15, 25, 50 on each set. */
function noise(method: string, source: string, sets: Readonly<Record<string, string>>): PublishedRow {
  const figures = Object.entries(sets).flatMap(([set, text]) =>
    text.split("/").map((value, i) => [`${set} σ${NOISE[i]}`, Number(value)])
  );
  return { method, source, figures: Object.fromEntries(figures) };
}

/** Colour gaussian noise, PSNR over RGB. Kodak24 exists whole and cut to 500×500, which differ by 0.1 dB. */
export const PUBLISHED_NOISE: readonly PublishedRow[] = [
  noise("CBM3D (sigma given)", COLOUR_DENOISING, {
    cbsd68: "33.52/30.71/27.38",
    kodak24: "34.28/32.15/28.46",
    mcmaster: "34.06/31.66/28.51",
    urban100: "33.93/31.36/27.93",
  }),
  noise("DnCNN (blind)", COLOUR_DENOISING, {
    cbsd68: "33.90/31.24/27.95",
    kodak24: "34.60/32.14/28.95",
    mcmaster: "33.45/31.52/28.62",
    urban100: "32.98/30.81/27.59",
  }),
  noise("FFDNet (sigma given)", COLOUR_DENOISING, {
    cbsd68: "33.87/31.21/27.96",
    kodak24: "34.63/32.13/28.98",
    mcmaster: "34.66/32.35/29.18",
    urban100: "33.83/31.40/28.05",
  }),
  noise("DRUNet (sigma given)", COLOUR_DENOISING, {
    cbsd68: "34.30/31.69/28.51",
    kodak24: "35.31/32.89/29.86",
    mcmaster: "35.40/33.14/30.08",
    urban100: "34.81/32.60/29.61",
  }),
];

/** Super-resolution ×2, PSNR on Y, border of 2 pixels left out. */
export const PUBLISHED_UPSCALE: readonly PublishedRow[] = [
  {
    method: "bicubic",
    source: EDSR,
    figures: { "set5 ×2": 33.66, "set14 ×2": 30.24, "b100 ×2": 29.56, "urban100 ×2": 26.88 },
  },
  {
    method: "waifu2x photo (resnet_14l)",
    source: "the benchmark of the waifu2x project",
    figures: { "b100 ×2": 31.85, "urban100 ×2": 31.02 },
  },
  {
    method: "EDSR-baseline",
    source: EDSR,
    figures: { "set5 ×2": 37.99, "set14 ×2": 33.57, "b100 ×2": 32.16, "urban100 ×2": 31.98 },
  },
];

/** JPEG artefacts on LIVE1, PSNR on Y. Those are JPEGs of the luma alone; ours are of the colour photo (4:2:0). */
export const PUBLISHED_JPEG: readonly PublishedRow[] = [
  {
    method: "JPEG as it is",
    source: DNCNN,
    figures: { "live1 q10": 27.77, "live1 q20": 30.07, "live1 q30": 31.41, "live1 q40": 32.35 },
  },
  {
    method: "DnCNN-3 (one blind net)",
    source: DNCNN,
    figures: { "live1 q10": 29.19, "live1 q20": 31.59, "live1 q30": 32.98, "live1 q40": 33.96 },
  },
];
