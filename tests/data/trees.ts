/** Small fake downloads of real little photos: trees of files as people get them, in folders and in zip archives. */
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { type Zippable, zipSync } from "npm:fflate@0.8.3";
import { Random } from "../../src/base/random.ts";

/** Files by path, `/` between folders. */
export type Tree = Record<string, Uint8Array>;

const samples = ["astronaut", "raccoon", "temple"].map((name) =>
  fileURLToPath(new URL(`../../samples/clean/${name}.jpg`, import.meta.url))
);

/** A piece of a sample photo, every seed another; height·width·3 samples. */
export async function pieceOf(seed: number, width: number, height: number): Promise<Uint8Array> {
  const random = new Random(seed, 77);
  const path = samples[random.below(samples.length)];
  const photo = await sharp(path).metadata();
  const area = {
    left: random.below(photo.width - width),
    top: random.below(photo.height - height),
    width,
    height,
  };
  return new Uint8Array(await sharp(path).extract(area).raw().toBuffer());
}

/** Pixels as a file in the format of the extension. */
export async function encoded(
  rgb: Uint8Array,
  width: number,
  height: number,
  extension = "png",
): Promise<Uint8Array> {
  const image = sharp(rgb, { raw: { width, height, channels: 3 } });
  return new Uint8Array(await (extension === "jpg" ? image.jpeg({ quality: 92 }) : image.png()).toBuffer());
}

/** The photo of this number, and it reduced by a factor: both files of a pair, PNG. */
export async function photoPair(seed: number, width: number, height: number, factor: number, sigma = 0) {
  const rgb = await pieceOf(seed, width, height);
  let low = sharp(rgb, { raw: { width, height, channels: 3 } });
  if (factor > 1) low = low.resize(Math.ceil(width / factor), Math.ceil(height / factor), { fit: "fill" });
  if (sigma > 0) low = low.blur(sigma);
  return { high: await encoded(rgb, width, height), low: new Uint8Array(await low.png().toBuffer()) };
}

/** DIV2K with all its low sides; each has a blur of its own, so that none is the same as another. */
export async function div2k(train = 2, valid = 1): Promise<Tree> {
  const tree: Tree = {};
  const tracks: [string, number, number, string][] = [
    ...[2, 3, 4].map((x): [string, number, number, string] => [`LR_bicubic/X${x}/`, x, 0, `x${x}`]),
    ...[2, 3, 4].map((x): [string, number, number, string] => [`LR_unknown/X${x}/`, x, 0.6, `x${x}`]),
    ["LR_x8/", 8, 0, "x8"],
    ["LR_mild/", 4, 1, "x4m"],
    ["LR_difficult/", 4, 2, "x4d"],
  ];
  for (let i = 0; i < train + valid; i++) {
    const part = i < train ? "train" : "valid";
    const number = String(i < train ? i + 1 : 801 + i - train).padStart(4, "0");
    for (const [folder, factor, sigma, suffix] of tracks) {
      const { high, low } = await photoPair(i, 96, 72, factor, sigma);
      tree[`DIV2K_${part}_HR/${number}.png`] = high;
      tree[`DIV2K_${part}_${folder}${number}${suffix}.png`] = low;
    }
  }
  return tree;
}

/** Kaggle's "image-super-resolution": `Raw Data` holds every pair, `train` and `val` hold them once more. */
export async function imageSuperResolution(count = 4): Promise<Tree> {
  const tree: Tree = {};
  for (let i = 0; i < count; i++) {
    const { high, low } = await photoPair(10 + i, 256, 256, 1, 1.5);
    for (const part of ["Raw Data", i % 4 === 3 ? "val" : "train"]) {
      tree[`dataset/${part}/high_res/${i}.png`] = high;
      tree[`dataset/${part}/low_res/${i}.png`] = low;
    }
  }
  tree["dataset/train.csv"] = new TextEncoder().encode("low_res,high_res\n0.png,0.png\n");
  return tree;
}

/** Kaggle's "super-image-resolution": 384×384 and 96×96. */
export async function superImageResolution(count = 3): Promise<Tree> {
  const tree: Tree = {};
  for (let i = 0; i < count; i++) {
    const { high, low } = await photoPair(20 + i, 384, 384, 4);
    tree[`Data/HR/${i}.png`] = high;
    tree[`Data/LR/${i}.png`] = low;
  }
  return tree;
}

/** BSDS500 as its archive has it, with what else lies there. */
export async function bsds500(): Promise<Tree> {
  const tree: Tree = { "BSDS500/data/images/train/Thumbs.db": new Uint8Array(20) };
  for (const [i, part] of ["train", "train", "val", "test"].entries()) {
    const [width, height] = i % 2 ? [81, 121] : [121, 81];
    const photo = await encoded(await pieceOf(30 + i, width, height), width, height, "jpg");
    tree[`BSDS500/data/images/${part}/${1000 + i}.jpg`] = photo;
    tree[`BSDS500/data/groundTruth/${part}/${1000 + i}.mat`] = new Uint8Array(9);
  }
  return tree;
}

/** Puts a tree into a folder. */
export async function writeTree(dir: string, tree: Tree): Promise<void> {
  for (const [path, bytes] of Object.entries(tree)) {
    await Deno.mkdir(`${dir}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(`${dir}/${path}`, bytes);
  }
}

/** Puts a tree into a zip archive, packed by half, with an entry for each folder as most programs make them. */
export async function writeZip(
  path: string,
  tree: Tree,
  options: Record<string, Zippable[string]> = {},
): Promise<void> {
  const entries: Zippable = {};
  for (const [name, bytes] of Object.entries(tree)) {
    for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) {
      entries[name.slice(0, at + 1)] = new Uint8Array();
    }
    entries[name] = [bytes, { level: name.length % 2 ? 6 : 0 }];
  }
  await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
  await Deno.writeFile(path, zipSync({ ...entries, ...options }));
}
