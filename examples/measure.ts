/** How well the shipped model undoes noise: `deno run -A examples/measure.ts [PHOTO]`. */
import { degrade, Enhancer, evaluate } from "@clairnet/clairnet";
import { cpuNetwork, decodePhoto } from "@clairnet/clairnet/native";

const { rgb, width, height } = await decodePhoto(
  await Deno.readFile(Deno.args[0] ?? "samples/clean/temple.jpg"),
);
const original = { data: rgb, width, height };
using enhancer = await Enhancer.create({ cpu: cpuNetwork });
const { mean } = await evaluate(enhancer, [{
  original,
  degraded: await degrade(original, "gaussian:25", { seed: 3 }),
}]);
const line = ({ psnr, ssim }: { psnr: number; ssim: number }) =>
  `${psnr.toFixed(2)} dB, SSIM ${ssim.toFixed(3)}`;
console.log(`noisy ${line(mean.degraded)}; restored ${line(mean.restored)}`);
