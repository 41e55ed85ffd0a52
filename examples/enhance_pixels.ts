/** RGBA samples made better, as a page has them from `context.getImageData(…)`: `deno run -A examples/enhance_pixels.ts`. */
import { Enhancer } from "@clairnet/clairnet";

const data = Uint8ClampedArray.from(
  { length: 4 * 80 * 60 },
  (_, i) => i % 4 === 3 ? 255 : 120 + 90 * Math.sin(i / 700),
);
using enhancer = await Enhancer.create();
const better = await enhancer.enhance({ data, width: 80, height: 60 }, {
  onProgress: (done, total) => console.log(`tile ${done} of ${total}`),
  signal: AbortSignal.timeout(60_000),
});
console.log(better.data.length === data.length, better.data[3]); // true 255: alpha stays as it is
