/** A model to ONNX, and through onnxruntime: `deno run -A examples/onnx.ts [MODEL [OUT.onnx]]`. */
import { loadModel, toOnnx } from "@clairnet/clairnet";
import { InferenceSession, Tensor } from "onnxruntime-node";

const [model = "photo", out = "photo.onnx"] = Deno.args;
await Deno.writeFile(out, toOnnx(await loadModel(model)));
const session = await InferenceSession.create(out);
const image = new Tensor("float32", new Float32Array(3 * 45 * 31).fill(0.5), [1, 3, 45, 31]);
const { restored } = await session.run({ image });
console.log(restored.dims.join("×")); // 1×3×45×31: any size, no multiple of anything
