import { centred, fitted, kept, overflows, panned, type View, zoomed } from "../../web/app/viewport.ts";
import { Random } from "../../src/base/random.ts";
import { assert, assertAllClose, assertEquals } from "../assert.ts";

const stage = { width: 800, height: 500 };
const photo = { width: 3000, height: 2000 };

const pixelAt = (view: View, x: number, y: number) => [(x - view.x) / view.scale, (y - view.y) / view.scale];

Deno.test("fitted() shows the whole photo, centred, and enlarges a small one at most fourfold", () => {
  assertEquals(fitted(photo, stage), { scale: 0.25, x: 25, y: 0 });
  assertEquals(fitted({ width: 10, height: 20 }, stage), { scale: 4, x: 380, y: 210 });
});

Deno.test("zoomed() keeps the pixel under the pointer where it is, wherever the photo overflows the stage", () => {
  const random = new Random(461);
  let view = centred(photo, stage, 1);
  for (let i = 0; i < 50; i++) {
    // Deep inside the photo, where no edge stops the view.
    const at = { x: random.between(300, 500), y: random.between(200, 300) };
    const next = zoomed(view, random.between(0.95, 1.1), at, photo, stage);
    if (next.scale > 0.9) assertAllClose(pixelAt(next, at.x, at.y), pixelAt(view, at.x, at.y), 1e-6);
    view = next;
  }
});

Deno.test("panned() and zoomed() leave no empty space that the photo could fill, and bounds to the scale", () => {
  const random = new Random(462);
  let view = fitted(photo, stage);
  for (let i = 0; i < 200; i++) {
    const at = { x: random.between(0, 800), y: random.between(0, 500) };
    view = random.uniform() < 0.5
      ? zoomed(view, random.between(0.3, 3), at, photo, stage)
      : panned(view, { x: random.between(-900, 900), y: random.between(-900, 900) }, photo, stage);
    assert(view.scale <= 32 && view.scale >= 0.125 - 1e-9);
    for (
      const [offset, extent, room] of [[view.x, 3000 * view.scale, 800], [view.y, 2000 * view.scale, 500]]
    ) {
      if (extent <= room) assert(Math.abs(offset - (room - extent) / 2) < 1e-6);
      else assert(offset <= 1e-6 && offset + extent >= room - 1e-6);
    }
    assertEquals(kept(view, photo, stage), view);
  }
});

Deno.test("overflows() tells whether there is anything to move", () => {
  assert(!overflows(fitted(photo, stage), photo, stage));
  assert(overflows(centred(photo, stage, 0.5), photo, stage));
});
