/** A photo file made better: `deno run -A examples/enhance_file.ts [PHOTO [OUT.png]]`. */
import { Enhancer } from "@clairnet/clairnet";
import { cpuNetwork, decodePhoto, encodePhoto } from "@clairnet/clairnet/native";

const [photo = "samples/damaged/raccoon.jpg", out = "out.png"] = Deno.args;
using enhancer = await Enhancer.create({ model: "photo", cpu: cpuNetwork });
console.log(enhancer.notice);
const better = await enhancer.enhance(await decodePhoto(await Deno.readFile(photo)), { strength: 0.9 });
await Deno.writeFile(out, await encodePhoto(better, { format: "png" }));
