import { Random } from "../../src/base/random.ts";
import { degrade, degradeMargin } from "../../src/degrade/degrade.ts";
import { jpegThroughSharp } from "../../src/degrade/jpeg_sharp.ts";
import { cropReflected } from "../../src/image/crop.ts";
import type { Step } from "../../src/degrade/recipe.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

/** Smooth shapes plus texture, well inside 0..255. */
function photo(width: number, height: number, seed: number): Uint8Array {
  const random = new Random(seed, width, height);
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % width, y = Math.floor(i / 3 / width);
    return 120 + 50 * Math.sin(x / 7 + (i % 3)) + 40 * Math.cos(y / 5) + random.between(-20, 20);
  });
}

const flat = (width: number, height: number, value: number) => new Uint8Array(width * height * 3).fill(value);
const run = (rgb: Uint8Array, width: number, height: number, steps: Step[], seed = 1) =>
  degrade(rgb, width, height, steps, new Random(seed), jpegThroughSharp);

Deno.test("degrade() without steps gives an equal copy", async () => {
  const rgb = photo(9, 5, 1);
  const result = await run(rgb, 9, 5, []);
  assertEquals(result, rgb);
  assert(result !== rgb);
});

Deno.test("degrade() gives the same bytes for the same seed, others for another, and leaves its input alone", async () => {
  const rgb = photo(40, 31, 2);
  const before = rgb.slice();
  const steps: Step[] = [
    { name: "gaussian", strength: 20 },
    { name: "blur", strength: 0.8 },
    { name: "salt-pepper", strength: 0.02 },
    { name: "downscale", strength: 2 },
    { name: "jpeg", strength: 60 },
  ];
  assertEquals(await run(rgb, 40, 31, steps, 5), await run(rgb, 40, 31, steps, 5));
  assert((await run(rgb, 40, 31, steps, 6)).some((value, i) => value !== rgb[i]));
  const [a, b] = [await run(rgb, 40, 31, steps, 5), await run(rgb, 40, 31, steps, 6)];
  assert(a.some((value, i) => value !== b[i]));
  assertEquals(rgb, before);
});

Deno.test("degrade() adds noise of the sigma asked for, independent between channels and neighbours", async () => {
  for (const sigma of [5, 25, 30]) {
    const noise = Array.from(
      await run(flat(128, 128, 128), 128, 128, [{ name: "gaussian", strength: sigma }], sigma),
      (v) => v - 128,
    );
    const count = noise.length;
    const mean = noise.reduce((sum, v) => sum + v) / count;
    const deviation = Math.sqrt(noise.reduce((sum, v) => sum + (v - mean) ** 2, 0) / count);
    assert(Math.abs(deviation / sigma - 1) < 0.02, `sigma ${sigma}: got ${deviation}`);
    assert(Math.abs(mean) < 4 * sigma / Math.sqrt(count), `mean ${mean}`);
    for (const lag of [1, 3]) {
      let product = 0;
      for (let i = lag; i < count; i++) product += noise[i] * noise[i - lag];
      assert(Math.abs(product / count / deviation ** 2) < 0.02, `correlation at lag ${lag}`);
    }
    const beyond = noise.filter((v) => Math.abs(v) > 2 * sigma + 0.5).length / count;
    assert(Math.abs(beyond - 0.0455) < 0.012, `a normal has 4.6 % beyond two sigma, got ${beyond}`);
  }
});

Deno.test("degrade() adds grey noise of the sigma asked for, the same in a pixel's channels and no other pixel's", async () => {
  const [side, sigma] = [160, 20];
  const before = flat(side, side, 128);
  before.forEach((_, i) => before[i] += 10 * (i % 3));
  const after = await run(before, side, side, [{ name: "gaussian-grey", strength: sigma }], 5);
  const noise = Array.from(after, (v, i) => v - before[i]);
  const grey = noise.filter((_, i) => i % 3 === 0);
  assert(noise.every((v, i) => v === grey[Math.floor(i / 3)]));
  const variance = grey.reduce((sum, v) => sum + v * v, 0) / grey.length;
  assert(Math.abs(Math.sqrt(variance) / sigma - 1) < 0.03, `got ${Math.sqrt(variance)}`);
  for (const lag of [1, side]) {
    const alike = grey.slice(lag).reduce((sum, v, i) => sum + v * grey[i], 0) / grey.length / variance;
    assert(Math.abs(alike) < 0.03, `${alike} at a distance of ${lag}`);
  }
});

Deno.test("degrade() adds grain of the sigma asked for, alike in neighbours", async () => {
  const common: number[] = [];
  for (const seed of [1, 2, 3, 4]) {
    const sigma = 8 + 4 * seed;
    const side = 160;
    const noise = Array.from(
      await run(flat(side, side, 128), side, side, [{ name: "grain", strength: sigma }], seed),
      (v) => v - 128,
    );
    const count = noise.length;
    const deviation = Math.sqrt(noise.reduce((sum, v) => sum + v * v, 0) / count);
    assert(Math.abs(deviation / sigma - 1) < 0.05, `sigma ${sigma}: got ${deviation}`);
    const alike = (lag: number) =>
      noise.slice(lag).reduce((sum, v, i) => sum + v * noise[i], 0) / count / deviation ** 2;
    assert(alike(3) > 0.05 && alike(3) < 0.9, `next pixel: ${alike(3)}`);
    assert(Math.abs(alike(3) - alike(3 * side)) < 0.05, "as coarse down as across");
    assert(Math.abs(alike(3 * 12)) < 0.05, `far away: ${alike(36)}`);
    // Any two channels have the same share in common: none is singled out.
    const correlation = (a: number, b: number) => {
      let sum = 0;
      for (let i = 0; i < count; i += 3) sum += noise[i + a] * noise[i + b];
      return 3 * sum / count / deviation ** 2;
    };
    const shares = [correlation(0, 1), correlation(0, 2), correlation(1, 2)];
    assert(Math.max(...shares) - Math.min(...shares) < 0.05, shares.join());
    common.push(shares[0]);
  }
  assert(Math.max(...common) - Math.min(...common) > 0.3, `grey or coloured: ${common}`);
});

Deno.test("degrade() adds a camera's noise: as strong as asked for on mid-grey, coarser in colour than in brightness, weaker in the light", async () => {
  const side = 192;
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  const colours: number[] = [];
  let [coarserColour, weakerLight, strongerDark] = [0, 0, 0];
  for (const seed of seeds) {
    const sigma = 4 + seed;
    const noiseOn = async (level: number) =>
      Array.from(
        await run(flat(side, side, level), side, side, [{ name: "camera", strength: sigma }], seed),
        (v) => v - level,
      );
    const deviation = (noise: number[]) => Math.sqrt(noise.reduce((sum, v) => sum + v * v, 0) / noise.length);
    const noise = await noiseOn(128);
    assert(Math.abs(deviation(noise) / sigma - 1) < 0.06, `sigma ${sigma}: got ${deviation(noise)}`);
    const mean = noise.reduce((sum, v) => sum + v) / noise.length;
    assert(Math.abs(mean) < 0.15 * sigma, `mean ${mean}`);
    if (deviation(await noiseOn(240)) < deviation(noise)) weakerLight++;
    if (deviation(await noiseOn(50)) > deviation(noise)) strongerDark++;

    const pixels = Array.from({ length: side * side }, (_, i) => noise.slice(3 * i, 3 * i + 3));
    const luma = pixels.map(([r, g, b]) => (r + g + b) / 3);
    const chroma = pixels.map(([r, , b]) => r - b);
    const alike = (values: number[], lag: number) =>
      values.slice(lag).reduce((sum, v, i) => sum + v * values[i], 0) /
      values.reduce((sum, v) => sum + v * v, 0);
    if (alike(chroma, 1) > alike(luma, 1)) coarserColour++;
    assert(Math.abs(alike(luma, 1) - alike(luma, side)) < 0.12, "as coarse down as across");
    for (const values of [luma, chroma]) {
      assert(Math.abs(alike(values, 25)) < 0.1, `${alike(values, 25)} far away`);
    }
    colours.push(deviation(chroma) / deviation(luma));
  }
  assertEquals([coarserColour, weakerLight, strongerDark], [seeds.length, seeds.length, seeds.length]);
  assert(Math.max(...colours) > 1.25 * Math.min(...colours), `less or more coloured: ${colours}`);
});

Deno.test("degrade() by a camera that has no noise to speak of changes nothing, at any brightness and size", async () => {
  const [width, height] = [256, 3];
  const ramp = Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.floor(i / 3) % width);
  for (let seed = 1; seed <= 20; seed++) {
    for (const strength of [0, 1e-6]) {
      assertEquals(await run(ramp, width, height, [{ name: "camera", strength }], seed), ramp);
    }
  }
  for (const [w, h] of [[1, 1], [1, 7], [2, 2]]) {
    const small = await run(flat(w, h, 100), w, h, [{ name: "camera", strength: 10 }], 3);
    assert(
      small.length === w * h * 3 && small.some((v) => v !== 100) && small.every((v) => v > 20 && v < 220),
    );
  }
});

Deno.test("degrade() turns the share of pixels asked for black or white, whole pixels, equally often", async () => {
  for (const share of [0.01, 0.3]) {
    const result = await run(flat(256, 256, 100), 256, 256, [{ name: "salt-pepper", strength: share }], 3);
    let black = 0, white = 0;
    for (let i = 0; i < result.length; i += 3) {
      assert(result[i] === result[i + 1] && result[i] === result[i + 2]);
      if (result[i] === 0) black++;
      else if (result[i] === 255) white++;
      else assertEquals(result[i], 100);
    }
    const count = 256 * 256;
    const slack = 5 * Math.sqrt(share / count);
    assert(Math.abs((black + white) / count - share) < slack, `${(black + white) / count}`);
    assert(Math.abs(black - white) / count < slack);
  }
  const all = await run(flat(16, 16, 100), 16, 16, [{ name: "salt-pepper", strength: 1 }]);
  assert(all.every((value) => value === 0 || value === 255));
});

Deno.test("degrade() turns each channel's share of values to 0 or 255, every channel by itself", async () => {
  const [side, share] = [256, 0.2];
  const step: Step = { name: "salt-pepper-channels", strength: share };
  const result = await run(flat(side, side, 100), side, side, [step], 4);
  const count = side * side;
  const slack = 5 * Math.sqrt(share / count);
  const hit = (i: number) => result[i] !== 100;
  for (let c = 0; c < 3; c++) {
    let black = 0, white = 0, withNext = 0;
    for (let i = c; i < result.length; i += 3) {
      if (result[i] === 0) black++;
      else if (result[i] === 255) white++;
      else assertEquals(result[i], 100);
      if (hit(i) && hit(i - c + (c + 1) % 3)) withNext++;
    }
    assert(Math.abs((black + white) / count - share) < slack, `channel ${c}: ${(black + white) / count}`);
    assert(Math.abs(black - white) / count < slack, `channel ${c}: ${black} black, ${white} white`);
    // Independent channels are hit together in share² of the pixels.
    assert(Math.abs(withNext / count - share ** 2) < slack, `channel ${c}: ${withNext / count} together`);
  }
  const all = await run(flat(16, 16, 100), 16, 16, [{ ...step, strength: 1 }]);
  assert(all.every((value) => value === 0 || value === 255));
  assertEquals(await run(photo(9, 5, 6), 9, 5, [{ ...step, strength: 0 }]), photo(9, 5, 6));
});

Deno.test("degrade() fills a share of the pixels with what stands around them, and keeps the rest", async () => {
  const [width, height, share] = [61, 47, 0.3];
  const rgb = photo(width, height, 8);
  const result = await run(rgb, width, height, [{ name: "filled", strength: share }], 9);
  const same = (i: number) => result.subarray(i * 3, i * 3 + 3).every((v, j) => v === rgb[i * 3 + j]);
  const lost = Array.from({ length: width * height }, (_, i) => !same(i));
  const count = lost.filter(Boolean).length;
  const slack = 5 * Math.sqrt(share * width * height);
  // A filled pixel that happens to come out as it was is taken for a good one; few do.
  assert(Math.abs(count - share * width * height) < slack, `${count} of ${width * height}`);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!lost[y * width + x]) continue;
      for (let c = 0; c < 3; c++) {
        let [sum, weights] = [0, 0];
        for (let v = Math.max(0, y - 2); v <= Math.min(height - 1, y + 2); v++) {
          for (let u = Math.max(0, x - 2); u <= Math.min(width - 1, x + 2); u++) {
            if (lost[v * width + u]) continue;
            const weight = 1 / ((v - y) ** 2 + (u - x) ** 2) ** 3;
            sum += weight * rgb[(v * width + u) * 3 + c];
            weights += weight;
          }
        }
        assert(Math.abs(result[(y * width + x) * 3 + c] - sum / weights) <= 0.51, `${x}, ${y}, channel ${c}`);
      }
    }
  }
  assertEquals(await run(rgb, width, height, [{ name: "filled", strength: 0 }]), rgb);
  // Nothing is left to fill from.
  assertEquals(await run(rgb, width, height, [{ name: "filled", strength: 1 }]), rgb);
});

/** Direct two-dimensional gaussian in float64, edges replicated, over the same square of taps. */
function blurReference(rgb: Uint8Array, width: number, height: number, sigma: number): number[] {
  const radius = Math.ceil(3 * sigma);
  return Array.from(rgb, (_, i) => {
    const c = i % 3, x = Math.floor(i / 3) % width, y = Math.floor(i / 3 / width);
    let sum = 0, weights = 0;
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        const weight = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
        const sx = Math.min(Math.max(x + dx, 0), width - 1), sy = Math.min(Math.max(y + dy, 0), height - 1);
        sum += weight * rgb[(sy * width + sx) * 3 + c];
        weights += weight;
      }
    }
    return sum / weights;
  });
}

Deno.test("degrade() blurs as a direct float64 gaussian does, also when the photo is smaller than the kernel", async () => {
  for (const [width, height, sigma] of [[23, 17, 0.4], [23, 17, 1.5], [5, 3, 2], [1, 1, 3], [40, 2, 1]]) {
    const rgb = photo(width, height, 4);
    const result = await run(rgb, width, height, [{ name: "blur", strength: sigma }]);
    const expected = blurReference(rgb, width, height, sigma);
    result.forEach((value, i) =>
      assert(
        Math.abs(value - expected[i]) < 0.501,
        `${width}×${height} sigma ${sigma} at ${i}: ${value}, expected ${expected[i]}`,
      )
    );
  }
});

Deno.test("degrade() keeps the mean of each channel through blur and downscale", async () => {
  const rgb = photo(96, 80, 5);
  const mean = (pixels: Uint8Array, c: number) =>
    pixels.reduce((sum, v, i) => i % 3 === c ? sum + v : sum, 0) / (pixels.length / 3);
  for (const steps of [[{ name: "blur", strength: 2 }], [{ name: "downscale", strength: 2 }]] as Step[][]) {
    const result = await run(rgb, 96, 80, steps);
    for (const c of [0, 1, 2]) assert(Math.abs(mean(result, c) - mean(rgb, c)) < 0.5, steps[0].name);
  }
});

Deno.test("degrade() downscales with pixel centres aligned: a ramp stays in place", async () => {
  const [width, height] = [48, 36];
  const ramp = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return 20 + 2 * (pixel % width) + 3 * Math.floor(pixel / width);
  });
  for (const factor of [1, 2, 3, 4]) {
    const result = await run(ramp, width, height, [{ name: "downscale", strength: factor }]);
    for (let y = 12; y < height - 12; y++) {
      for (let x = 12; x < width - 12; x++) {
        const i = (y * width + x) * 3;
        assert(
          Math.abs(result[i] - ramp[i]) <= 1,
          `factor ${factor} at ${x},${y}: ${result[i]}, expected ${ramp[i]}`,
        );
      }
    }
  }
  const texture = photo(48, 36, 6);
  const [once, four] = [
    await run(texture, 48, 36, [{ name: "downscale", strength: 1 }]),
    await run(texture, 48, 36, [{ name: "downscale", strength: 4 }]),
  ];
  assertEquals(once, texture);
  const variance = (pixels: Uint8Array) =>
    pixels.reduce((sum, v, i) => i >= 3 ? sum + (v - pixels[i - 3]) ** 2 : sum, 0);
  assert(variance(four) < variance(texture) / 4, "detail is lost");
});

Deno.test("degrade() loses more through JPEG of lower quality, at any size", async () => {
  const rgb = photo(61, 47, 7);
  const error = async (quality: number) => {
    const result = await run(rgb, 61, 47, [{ name: "jpeg", strength: quality }]);
    return Math.sqrt(result.reduce((sum, v, i) => sum + (v - rgb[i]) ** 2, 0) / rgb.length);
  };
  const [low, middle, high] = [await error(10), await error(50), await error(95)];
  assert(low > middle && middle > high && high > 0 && low < 60, `${low} ${middle} ${high}`);
  assertEquals((await run(photo(1, 1, 8), 1, 1, [{ name: "jpeg", strength: 50 }])).length, 3);
});

Deno.test("degrade() clips only at the end: noise past white comes back through a blur", async () => {
  const steps: Step[] = [{ name: "gaussian", strength: 60 }, { name: "blur", strength: 3 }];
  const result = await run(flat(64, 64, 255), 64, 64, steps);
  const mean = result.reduce((sum, v) => sum + v) / result.length;
  assert(mean > 250, `values clipped before the blur would darken white to about 231, got ${mean}`);
});

Deno.test("degrade() refuses pixels that do not fit the size", async () => {
  await assertRejects(() => run(new Uint8Array(11), 2, 2, []), /11 samples are not 2×2/);
});

Deno.test("degradeMargin() is wide enough that a cut patch looks as cut from the degraded photo", async () => {
  const [width, height, size] = [90, 80, 20];
  const rgb = photo(width, height, 9);
  for (
    const steps of [[{ name: "blur", strength: 2 }], [{ name: "blur", strength: 1 }, {
      name: "blur",
      strength: 0.7,
    }]] as Step[][]
  ) {
    const margin = degradeMargin(steps);
    const area = { left: 35 - margin, top: 30 - margin, width: size + 2 * margin, height: size + 2 * margin };
    const part = await run(cropReflected(rgb, width, height, area), area.width, area.height, steps);
    const whole = await run(rgb, width, height, steps);
    const inner = { left: margin, top: margin, width: size, height: size };
    assertEquals(
      cropReflected(part, area.width, area.height, inner),
      cropReflected(whole, width, height, { left: 35, top: 30, width: size, height: size }),
    );
  }
  assertEquals(
    degradeMargin([{ name: "gaussian", strength: 30 }, { name: "salt-pepper", strength: 1 }, {
      name: "salt-pepper-channels",
      strength: 1,
    }]),
    0,
  );
});

Deno.test("degrade() refuses a JPEG step where no codec is given", async () => {
  const steps: Step[] = [{ name: "blur", strength: 1 }, { name: "jpeg", strength: 50 }];
  await assertRejects(
    degrade(photo(8, 8, 30), 8, 8, steps, new Random(1)),
    /UserError: .*no codec was given/,
  );
});

Deno.test("degradeMargin() holds what a pixel of each damage can see of the undamaged photo", async () => {
  const [width, height] = [64, 64];
  const rgb = photo(width, height, 31);
  const [x, y] = [33, 30];
  const other = rgb.slice();
  for (let c = 0; c < 3; c++) other[(y * width + x) * 3 + c] ^= 0x80;
  for (
    const [name, strength] of [["blur", 1.4], ["filled", 0.5], ["jpeg", 30], ["downscale", 2], [
      "downscale",
      4,
    ]] as const
  ) {
    const step: Step = { name, strength };
    const [before, after] = [
      await run(rgb, width, height, [step], 32),
      await run(other, width, height, [step], 32),
    ];
    let reach = 0;
    before.forEach((value, i) => {
      const pixel = Math.floor(i / 3);
      if (value === after[i]) return;
      reach = Math.max(reach, Math.abs(pixel % width - x), Math.abs(Math.floor(pixel / width) - y));
    });
    const margin = degradeMargin([step]);
    assert(reach > 0 && reach <= margin, `${name}:${strength} reaches ${reach}, the margin is ${margin}`);
  }
  // Grain sees nothing of the photo, but its own noise at the edge is blurred with less of it: three sigma of 1.2 pixels at most.
  assertEquals(degradeMargin([{ name: "grain", strength: 5 }]), Math.ceil(3 * 1.2));
  // So does camera noise, whose demosaicing reaches two pixels, and its blur of colour three sigma of 2.3.
  assertEquals(degradeMargin([{ name: "camera", strength: 5 }]), 2 + Math.ceil(3 * 2.3));
});
