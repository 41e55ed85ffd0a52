import { assertEquals } from "../assert.ts";
import { fillTransparent } from "../../src/enhance/transparency.ts";
import { Random } from "../../src/base/random.ts";

/** Colour that tells a pixel by its place. */
const colourOf = (place: number) => [place % 251, 255 - place % 251, (7 * place) % 256];

/** A picture of which a share is visible; what lies under the rest is loud. */
function someOpacity(width: number, height: number, visible: (place: number) => boolean) {
  const count = width * height;
  const rgb = new Uint8Array(3 * count).fill(250);
  const alpha = new Uint8Array(count);
  for (let place = 0; place < count; place++) {
    if (!visible(place)) continue;
    alpha[place] = 1 + place % 255;
    rgb.set(colourOf(place), 3 * place);
  }
  return { rgb, alpha };
}

Deno.test("fillTransparent() gives hidden pixels the colour of a visible one that is as near as any, diagonals counted as 4/3", () => {
  const random = new Random(21);
  for (
    const [width, height, share] of [[13, 9, 0.1], [1, 17, 0.2], [17, 1, 0.2], [24, 20, 0.01], [8, 8, 0.5]]
  ) {
    const lots = Array.from({ length: width * height }, () => random.uniform());
    lots[random.below(lots.length)] = 0; // one at least
    const { rgb, alpha } = someOpacity(width, height, (place) => lots[place] < share);
    const filled = fillTransparent(rgb, alpha, width, height);
    const seen = [...alpha.keys()].filter((place) => alpha[place] > 0);
    for (let place = 0; place < width * height; place++) {
      const far = (other: number) => {
        const [dx, dy] = [
          Math.abs(other % width - place % width),
          Math.abs(Math.floor(other / width) - Math.floor(place / width)),
        ];
        return 4 * Math.min(dx, dy) + 3 * Math.abs(dx - dy);
      };
      const nearest = Math.min(...seen.map(far));
      const allowed = seen.filter((other) => far(other) === nearest).map((other) => colourOf(other).join());
      const colour = filled.slice(3 * place, 3 * place + 3).join();
      assertEquals(allowed.includes(colour), true, `${width}×${height}, pixel ${place}: ${colour}`);
    }
  }
});

Deno.test("fillTransparent() gives a picture back as it is where all or nothing is visible, and never changes what it is given", () => {
  for (const visible of [true, false]) {
    const { rgb, alpha } = someOpacity(6, 5, () => visible);
    assertEquals(fillTransparent(rgb, alpha, 6, 5) === rgb, true);
  }
  const { rgb, alpha } = someOpacity(6, 5, (place) => place === 11);
  const before = rgb.slice();
  const filled = fillTransparent(rgb, alpha, 6, 5);
  assertEquals(rgb, before);
  assertEquals([...filled], Array.from({ length: 30 }, () => colourOf(11)).flat());
  const deep = fillTransparent(Uint16Array.from(rgb, (value) => 257 * value), Uint16Array.from(alpha), 6, 5);
  assertEquals([...deep.slice(0, 3)], colourOf(11).map((value) => 257 * value));
});

Deno.test("fillTransparent() fills what is farther from anything visible than its distances count", () => {
  // Three a pixel: 65,535 are reached after 21,845.
  for (const [width, height] of [[30_000, 1], [1, 30_000]]) {
    for (const place of [0, 29_999]) {
      const { rgb, alpha } = someOpacity(width, height, (other) => other === place);
      const filled = fillTransparent(rgb, alpha, width, height);
      const [r, g, b] = colourOf(place);
      const other = filled.findIndex((value, i) => value !== [r, g, b][i % 3]);
      assertEquals(other, -1, `${width}×${height} from ${place}`);
    }
  }
});
