/** Model files for PyTorch: the same tensors under the same names, weights as [out, in, ky, kx]. docs/INTEROP.md has the module that loads them. */
import { UserError } from "../base/errors.ts";
import { fromOihw, oihwShape, toOihw } from "./layout.ts";
import { FORMAT, type Model, modelMetadata, modelOf, PYTORCH_FORMAT, tensorsToStore } from "./model_file.ts";
import { decodeTensors, encodeTensors, type StoredTensor } from "./safetensors.ts";
import type { UNetTopology } from "./topology.ts";

/**
 * Writes a model as a safetensors file that `safetensors.torch.load_file` reads into a `state_dict`. Topology and origin are in its metadata.
 * @returns the file's bytes; every weight keeps its bits.
 * @throws {UserError} when a weight is not finite.
 * @throws {RangeError} when parameters and topology disagree, or `seed` or `steps` is no whole number from 0 on (mistakes of the calling code).
 *
 * @example There and back
 * ```ts
 * import { freshModel, fromPytorch, toPytorch } from "@clairnet/clairnet";
 *
 * const model = freshModel({ base: 4, depth: 1 });
 * const back = fromPytorch(toPytorch(model), "model.safetensors");
 * console.log(back.topology.widths.join()); // 4,8
 * ```
 */
export function toPytorch(model: Model): Uint8Array<ArrayBuffer> {
  const metadata = { ...modelMetadata(model), format: PYTORCH_FORMAT };
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of tensorsToStore(model)) {
    tensors.set(name, { shape: oihwShape(shape), data: shape.length === 4 ? toOihw(data, shape) : data });
  }
  return encodeTensors({ tensors, metadata });
}

/**
 * Reads a model from a safetensors file in PyTorch's layout, as {@linkcode toPytorch} or `safetensors.torch.save_file` writes it.
 *
 * @param name what to call the file in messages.
 * @param topology of the network, where the file's metadata does not say.
 * @returns the model; every weight keeps its bits.
 * @throws {UserError} in one line when the file is damaged, says nothing about its topology, or holds tensors of another one.
 *
 * @example A file without metadata, whose network is known
 * ```ts
 * import { freshModel, fromPytorch, toPytorch } from "@clairnet/clairnet";
 *
 * const { topology } = freshModel({ base: 4, depth: 1 });
 * const fromElsewhere = toPytorch(freshModel({ base: 4, depth: 1 }, 2));
 * const model = fromPytorch(fromElsewhere, "unet.safetensors", topology);
 * console.log(model.parameters.has("out.weight")); // true
 * ```
 */
export function fromPytorch(bytes: Uint8Array, name: string, topology?: UNetTopology): Model {
  const { tensors, metadata } = decodeTensors(bytes, name);
  const where = `Cannot import ${JSON.stringify(name)}`;
  if (metadata.format === FORMAT) {
    throw new UserError(`${where}: it is a model of Clairnet already, and can be used as it is`);
  }
  const described = metadata.topology ?? (topology && JSON.stringify(topology));
  if (described === undefined) {
    throw new UserError(`${where}: its metadata does not say which U-Net it is; give --model-config`);
  }
  const known = { ...metadata, format: FORMAT, topology: described };
  const turned = new Map<string, StoredTensor>();
  for (const [tensor, { shape, data }] of tensors) {
    if (shape.length !== 4) turned.set(tensor, { shape, data });
    else {
      const [outputs, inputs, height, width] = shape;
      const ours = [height, width, inputs, outputs];
      turned.set(tensor, { shape: ours, data: fromOihw(data, ours) });
    }
  }
  return modelOf({ tensors: turned, metadata: known }, name);
}
