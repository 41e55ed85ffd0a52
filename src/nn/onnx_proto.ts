/** The messages of an ONNX model, as far as a U-Net needs them, and their encoding (https://github.com/onnx/onnx, onnx/onnx.proto3). */
import { concatBytes } from "../base/concat_bytes.ts";
import { bytesField, type Encoded, floatField, messageField, textField, wholeField } from "./protobuf.ts";

/** `AttributeProto.AttributeType`. */
export const AttributeType = { FLOAT: 1, INT: 2, STRING: 3, INTS: 7 } as const;
/** `TensorProto.DataType.FLOAT`. */
export const FLOAT = 1;
/** `TensorProto.DataType.INT64`. */
export const INT64 = 7;

/** One of the value fields is given, as `type` says. */
export interface AttributeProto {
  readonly name: string;
  readonly type: typeof AttributeType[keyof typeof AttributeType];
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly ints?: readonly number[];
}

export interface NodeProto {
  readonly opType: string;
  readonly name?: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute?: readonly AttributeProto[];
}

export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  /** Little-endian. */
  readonly rawData: Uint8Array;
}

/** A tensor's name, element type and extents; an extent that is free has a name. */
export interface ValueInfoProto {
  readonly name: string;
  readonly elemType: number;
  readonly shape: readonly (number | string)[];
}

export interface ModelProto {
  readonly irVersion: number;
  readonly producerName: string;
  readonly opset: number;
  readonly graph: {
    readonly name: string;
    readonly node: readonly NodeProto[];
    readonly initializer: readonly TensorProto[];
    readonly input: readonly ValueInfoProto[];
    readonly output: readonly ValueInfoProto[];
  };
}

/** Serialises a model. The numbers are the fields' in onnx.proto3. */
export function encodeModelProto(model: ModelProto): Uint8Array<ArrayBuffer> {
  const { name, node, initializer, input, output } = model.graph;
  return concatBytes([
    wholeField(1, model.irVersion),
    textField(2, model.producerName),
    messageField(7, [
      ...node.map((each) => messageField(1, nodeParts(each))),
      textField(2, name),
      ...initializer.map((each) => messageField(5, tensorParts(each))),
      ...input.map((each) => messageField(11, valueParts(each))),
      ...output.map((each) => messageField(12, valueParts(each))),
    ]),
    messageField(8, [textField(1, ""), wholeField(2, model.opset)]),
  ]);
}

function nodeParts({ opType, name, input, output, attribute = [] }: NodeProto): Encoded[] {
  return [
    ...input.map((each) => textField(1, each)),
    ...output.map((each) => textField(2, each)),
    ...(name === undefined ? [] : [textField(3, name)]),
    textField(4, opType),
    ...attribute.map((each) => messageField(5, attributeParts(each))),
  ];
}

function attributeParts({ name, type, f, i, s, ints = [] }: AttributeProto): Encoded[] {
  return [
    textField(1, name),
    ...(f === undefined ? [] : [floatField(2, f)]),
    ...(i === undefined ? [] : [wholeField(3, i)]),
    ...(s === undefined ? [] : [bytesField(4, s)]),
    ...ints.map((each) => wholeField(8, each)),
    wholeField(20, type),
  ];
}

function tensorParts({ name, dims, dataType, rawData }: TensorProto): Encoded[] {
  return [
    ...dims.map((each) => wholeField(1, each)),
    wholeField(2, dataType),
    textField(8, name),
    bytesField(9, rawData),
  ];
}

function valueParts({ name, elemType, shape }: ValueInfoProto): Encoded[] {
  const extents = shape.map((extent) =>
    messageField(1, [typeof extent === "string" ? textField(2, extent) : wholeField(1, extent)])
  );
  const tensorType = [wholeField(1, elemType), messageField(2, extents)];
  return [textField(1, name), messageField(2, [messageField(1, tensorType)])];
}
