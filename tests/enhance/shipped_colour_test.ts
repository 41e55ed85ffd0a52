import { CpuNetwork } from "../../src/enhance/cpu_network.ts";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { enlargeBicubic } from "../../src/enhance/enlarge.ts";
import type { TileNetwork } from "../../src/enhance/network.ts";
import type { Photo } from "../../src/image/photo.ts";
import { listModels, loadModel } from "../../src/nn/models.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertEquals } from "../assert.ts";

const [WIDTH, HEIGHT] = [80, 56];

function picture(colour: (x: number, y: number) => readonly number[]): Photo {
  const rgb = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let i = 0; i < WIDTH * HEIGHT; i++) rgb.set(colour(i % WIDTH, Math.floor(i / WIDTH)), 3 * i);
  return { width: WIDTH, height: HEIGHT, rgb, grey: false, format: "png" };
}

/** How far the network's answer is from what it should be: for a good picture the same, or the same enlarged. */
async function change(photo: Photo, network: TileNetwork) {
  const { scale } = network.topology;
  const goal = scale === 1 ? photo : enlargeBicubic(photo, scale);
  const { rgb } = await enhancePhoto(photo, network);
  const mean = [0, 0, 0];
  let [worst, tint] = [0, 0];
  for (let i = 0; i < rgb.length; i += 3) {
    const off = [0, 1, 2].map((c) => rgb[i + c] - goal.rgb[i + c]);
    off.forEach((value, c) => mean[c] += 3 * value / rgb.length);
    worst = Math.max(worst, ...off.map(Math.abs));
    tint = Math.max(tint, Math.max(...off) - Math.min(...off));
  }
  return { mean, worst, tint };
}

for (const name of await listModels()) {
  const open = async () => {
    const { topology, parameters } = await loadModel(name);
    return await CpuNetwork.create(topology, parameters);
  };

  Deno.test(`${name} leaves plain areas as they are: black, white, greys, saturated colours, skin`, async () => {
    using network = await open();
    const cube = Array.from({ length: 8 }, (_, i) => [255 * (i & 1), 255 * (i >> 1 & 1), 255 * (i >> 2)]);
    for (const colour of [...cube, [64, 64, 64], [128, 128, 128], [200, 200, 200], [224, 172, 140]]) {
      const { worst } = await change(picture(() => colour), network);
      assert(worst <= 2, `${colour}: off by ${worst}`);
    }
  });

  Deno.test(`${name} gives ramps and skies no tint`, async () => {
    using network = await open();
    // One pixel has a colour, or the photo would be taken for a grey one, which is kept grey whatever the network says.
    const ramp = (value: (x: number, y: number) => number) =>
      picture((x, y) => {
        const grey = Math.round(value(x, y));
        return x + y === 0 ? [grey + 1, grey, grey] : [grey, grey, grey];
      });
    const pictures: Record<string, Photo> = {
      across: ramp((x) => 255 * x / (WIDTH - 1)),
      down: ramp((_, y) => 255 * y / (HEIGHT - 1)),
      diagonal: ramp((x, y) => 40 + x + y),
      sky: picture((_, y) => [90 + y, 140 + y, 220 + Math.round(y / 3)]),
    };
    for (const [what, photo] of Object.entries(pictures)) {
      const { mean, tint } = await change(photo, network);
      assert(mean.every((value) => Math.abs(value) <= 0.5), `${what}: mean change ${mean}`);
      assert(tint <= 5, `${what}: tint ${tint}`);
    }
  });

  Deno.test(`${name} brings a damaged grey photo back grey, also from a file that holds colours`, async () => {
    using network = await open();
    const random = new Random(3);
    const noisy = picture((x, y) => {
      const value = 120 + 60 * Math.sin(x / 6) + 30 * Math.cos(y / 5) + 12 * random.normal();
      return Array(3).fill(Math.round(Math.min(Math.max(value, 0), 255)));
    });
    for (const grey of [true, false]) {
      const result = await enhancePhoto({ ...noisy, grey }, network);
      assertEquals(result.grey, grey);
      for (let i = 0; i < result.rgb.length; i += 3) {
        assertEquals([result.rgb[i + 1], result.rgb[i + 2]], [result.rgb[i], result.rgb[i]]);
      }
    }
  });
}
