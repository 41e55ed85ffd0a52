/**
 * ONNX nodes around a U-Net that let it take pictures of any size: they pad by reflection before it and cut the padding off
 * after it, with extents known only when the model runs. ONNX's own `Pad` reflects at most once, which is not enough for small pictures; so
 * rows and columns are gathered by their numbers instead.
 */
import { FLOAT, INT64, type NodeProto, type TensorProto } from "./onnx_proto.ts";

/** Nodes in order, and the constants that they read. */
export interface OnnxPart {
  readonly nodes: readonly NodeProto[];
  readonly constants: readonly TensorProto[];
}

const SHAPE = "picture.shape";

/**
 * Pads an [N,C,H,W] picture on each side by at least `margin`, reflected at its edge pixels, up to multiples of `multiple` on the right
 * and below. {@linkcode cropped} undoes it.
 */
export function padded(input: string, output: string, margin: number, multiple: number): OnnxPart {
  const nodes: NodeProto[] = [op("Shape", [input], SHAPE)];
  const constants = [
    whole("pad.one", [], 1),
    whole("pad.two", [], 2),
    whole("pad.start", [], -margin),
    whole("pad.margin", [], margin),
    whole("pad.multiple", [], multiple),
    whole("pad.room", [], 2 * margin + multiple - 1),
  ];
  const axes = [["rows", 2, input, "picture.padded.rows"], [
    "columns",
    3,
    "picture.padded.rows",
    output,
  ]] as const;
  for (const [name, axis, from, to] of axes) {
    const value = (what: string) => `pad.${name}.${what}`;
    constants.push(whole(value("axis"), [], axis));
    nodes.push(
      op("Gather", [SHAPE, value("axis")], value("extent")),
      // The padded extent: (extent + 2·margin) rounded up to the multiple.
      op("Add", [value("extent"), "pad.room"], value("roomy")),
      op("Div", [value("roomy"), "pad.multiple"], value("count")),
      op("Mul", [value("count"), "pad.multiple"], value("padded")),
      op("Sub", [value("padded"), "pad.margin"], value("end")),
      op("Range", ["pad.start", value("end"), "pad.one"], value("numbers")),
      // A mirror at both edge pixels repeats after 2·(extent − 1): −1 shows 1, extent shows extent − 2.
      op("Sub", [value("extent"), "pad.one"], value("last")),
      op("Mul", [value("last"), "pad.two"], value("twice")),
      op("Max", [value("twice"), "pad.one"], value("period")),
      op("Mod", [value("numbers"), value("period")], value("phase")),
      op("Sub", [value("phase"), value("last")], value("past")),
      op("Abs", [value("past")], value("distance")),
      op("Sub", [value("last"), value("distance")], value("mirrored")),
      op("Gather", [from, value("mirrored")], to, axis),
    );
  }
  return { nodes, constants };
}

/** Cuts the picture, `scale` times as large now, out again and clamps it to 0..1. */
export function cropped(input: string, output: string, margin: number, scale: number): OnnxPart {
  return {
    nodes: [
      op("Slice", [SHAPE, "crop.two", "crop.four"], "crop.extents"),
      op("Mul", ["crop.extents", "crop.scale"], "crop.enlarged"),
      op("Add", ["crop.enlarged", "crop.starts"], "crop.ends"),
      op("Slice", [input, "crop.starts", "crop.ends", "crop.axes"], "restored.free"),
      op("Clip", ["restored.free", "crop.black", "crop.white"], output),
    ],
    constants: [
      whole("crop.two", [1], 2),
      whole("crop.four", [1], 4),
      whole("crop.scale", [1], scale),
      whole("crop.starts", [2], scale * margin, scale * margin),
      whole("crop.axes", [2], 2, 3),
      single("crop.black", 0),
      single("crop.white", 1),
    ],
  };
}

function op(opType: string, input: readonly string[], output: string, axis?: number): NodeProto {
  const attribute = axis === undefined ? [] : [{ name: "axis", type: 2, i: axis } as const];
  return { opType, input, output: [output], attribute };
}

function whole(name: string, dims: readonly number[], ...values: number[]): TensorProto {
  const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { name, dims, dataType: INT64, rawData };
}

function single(name: string, value: number): TensorProto {
  return { name, dims: [], dataType: FLOAT, rawData: new Uint8Array(Float32Array.of(value).buffer) };
}
