/**
 * The safetensors format (https://github.com/huggingface/safetensors), as far as model files and checkpoints need it:
 * 8 bytes of header length (u64, little-endian), a JSON header, then the tensors' bytes without holes or overlaps.
 * A `crc32` in the metadata guards the whole file where one was written; files of other programs have none.
 */
import { UserError } from "../base/errors.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import { crc32 } from "../base/crc32.ts";
import { fromFloat16, toFloat16 } from "../tensor/float16.ts";

/** Element type in the file; in memory everything is float32. */
export type StoredType = "F32" | "F16";

/** A tensor of a file: row-major values of a shape. */
export interface StoredTensor {
  /** Extents; none for a single number. */
  readonly shape: readonly number[];
  /** As many values as the shape holds, the last extent fastest. */
  readonly data: Float32Array;
  /** How it is (to be) stored; F32 if not given. */
  readonly dtype?: StoredType;
}

/** What a file holds: tensors by name, and notes. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const BYTES: Record<StoredType, number> = { F32: 4, F16: 2 };
/** Largest finite float16. */
const F16_MAX = 65504;
/** The reference implementation's limit. */
const MAX_HEADER = 100_000_000;
const CHECKSUM = "crc32";
const NO_CHECKSUM = "00000000";

/**
 * Writes a safetensors file with a checksum over header and tensors. F32 keeps every bit; F16 rounds to nearest even.
 * @throws {UserError} when a finite value does not fit into F16.
 * @throws {RangeError} when a tensor's data and shape disagree (a mistake of the calling code).
 */
export function encodeTensors(file: TensorFile): Uint8Array<ArrayBuffer> {
  // Wide types first, so that every tensor is aligned to its element size (the format's recommendation).
  const entries = [...file.tensors].map(([name, tensor]) => ({
    name,
    ...tensor,
    dtype: tensor.dtype ?? "F32",
  }))
    .sort((a, b) => BYTES[b.dtype] - BYTES[a.dtype]);
  const header: Record<string, unknown> = { __metadata__: { ...file.metadata, [CHECKSUM]: NO_CHECKSUM } };
  let offset = 0;
  for (const { name, shape, data, dtype } of entries) {
    if (data.length !== sizeOf(shape)) {
      throw new RangeError(
        `Cannot store tensor "${name}": shape ${formatShape(shape)} has not ${data.length} values`,
      );
    }
    if (name === "__metadata__") throw new RangeError(`Cannot store a tensor of the reserved name "${name}"`);
    const end = offset + data.length * BYTES[dtype];
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Spaces up to a multiple of eight keep the tensors aligned in the file.
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset);
  new DataView(bytes.buffer).setUint32(0, headerLength, true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  let at = 8 + headerLength;
  for (const { name, data, dtype } of entries) {
    if (dtype === "F32") {
      bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    } else {
      const halves = halvesOf(data, name);
      bytes.set(new Uint8Array(halves.buffer), at);
    }
    at += data.length * BYTES[dtype];
  }
  const place = checksumPlace(bytes, headerLength)!;
  bytes.set(new TextEncoder().encode(hex(crc32(bytes))), place);
  return bytes;
}

/**
 * Reads a safetensors file of F32 and F16 tensors; each tensor's data is a fresh float32 array.
 * @param name what to call the file in messages.
 * @throws {UserError} in one line when the file is truncated, damaged, or holds another type of tensor.
 */
export function decodeTensors(bytes: Uint8Array, name: string): TensorFile {
  const fail = (why: string): never => {
    throw new UserError(`Cannot read ${quoted(name)} as safetensors: ${why}`);
  };
  if (bytes.length < 8) fail(`it has ${bytes.length} bytes, too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (headerLength > MAX_HEADER) {
    fail(`its header claims ${headerLength} bytes; it is no safetensors file or is damaged`);
  }
  if (headerLength > bytes.length - 8) {
    fail(
      `its header claims ${headerLength} bytes, but only ${
        bytes.length - 8
      } follow; the file is truncated or damaged`,
    );
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerLength), fail);
  const { __metadata__: metadata = {}, ...specs } = header;
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    fail("its metadata is not a list of strings; the file is damaged");
  }

  const data = bytes.subarray(8 + headerLength);
  const ranges: { begin: number; end: number }[] = [];
  const tensors = new Map<string, StoredTensor>();
  const pending = Object.entries(specs).map(([tensor, spec]) => {
    const parsed = parseSpec(tensor, spec, data.length, fail);
    ranges.push(parsed);
    return { tensor, ...parsed };
  });
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { begin, end } of ranges) {
    if (begin !== covered) {
      fail(`its tensors overlap or leave a gap at byte ${Math.min(begin, covered)}; the file is damaged`);
    }
    covered = end;
  }
  if (covered !== data.length) {
    fail(`its tensors fill ${covered} bytes, but ${data.length} follow the header; the file is damaged`);
  }
  verifyChecksum(bytes, headerLength, metadata as Record<string, string>, fail);

  for (const { tensor, dtype, shape, begin, end } of pending) {
    const copy = data.slice(begin, end).buffer;
    const values = dtype === "F32" ? new Float32Array(copy) : fromFloat16(new Uint16Array(copy));
    tensors.set(tensor, { dtype, shape, data: values });
  }
  const { [CHECKSUM]: _checked, ...notes } = metadata as Record<string, string>;
  return { tensors, metadata: notes };
}

type Fail = (why: string) => never;

function parseHeader(json: Uint8Array, fail: Fail): Record<string, unknown> {
  let header: unknown;
  try {
    // The reference reader wants the brace as the first byte, too.
    if (json[0] !== 0x7b) throw new SyntaxError();
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch {
    fail("its header is no JSON; it is no safetensors file or is damaged");
  }
  return isRecord(header) ? header : fail("its header is no JSON object; the file is damaged");
}

function parseSpec(tensor: string, spec: unknown, available: number, fail: Fail) {
  const damaged = (what: string): never => fail(`tensor ${quoted(tensor)} has ${what}; the file is damaged`);
  if (!isRecord(spec)) return damaged("no description");
  const { dtype, shape, data_offsets: offsets } = spec;
  if (dtype !== "F32" && dtype !== "F16") {
    return fail(`tensor ${quoted(tensor)} is of type ${quoted(String(dtype))}; only F32 and F16 can be read`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) return damaged("no valid shape");
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return damaged("no valid offsets");
  }
  const [begin, end] = offsets as [number, number];
  if (end < begin) return damaged(`offsets ${begin} to ${end}`);
  if (end > available) {
    return fail(
      `tensor ${quoted(tensor)} ends at byte ${end} of the data, but the file holds ${available}; ` +
        `it is truncated or damaged`,
    );
  }
  if (end - begin !== sizeOf(shape) * BYTES[dtype]) {
    return damaged(
      `${end - begin} bytes, but shape ${formatShape(shape)} of ${dtype} takes ${
        sizeOf(shape) * BYTES[dtype]
      }`,
    );
  }
  return { dtype: dtype as StoredType, shape: shape as number[], begin, end };
}

function verifyChecksum(
  bytes: Uint8Array,
  headerLength: number,
  metadata: Record<string, string>,
  fail: Fail,
): void {
  if (!Object.hasOwn(metadata, CHECKSUM)) return;
  const place = checksumPlace(bytes, headerLength);
  if (place !== undefined) {
    const blank = new TextEncoder().encode(NO_CHECKSUM);
    const tail = bytes.subarray(place + blank.length);
    const actual = crc32(tail, crc32(blank, crc32(bytes.subarray(0, place))));
    if (hex(actual) === metadata[CHECKSUM]) return;
  }
  fail(
    "its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)",
  );
}

/**
 * Where the eight digits of the checksum stand in the file. Only the real key matches: inside of a string the quotes
 * would be escaped, and a tensor of that name is followed by a brace.
 */
function checksumPlace(bytes: Uint8Array, headerLength: number): number | undefined {
  const key = new TextEncoder().encode(`"${CHECKSUM}":"`);
  const last = 8 + headerLength - key.length - NO_CHECKSUM.length;
  for (let at = 8; at <= last; at++) {
    if (key.every((byte, i) => bytes[at + i] === byte)) return at + key.length;
  }
  return undefined;
}

function halvesOf(data: Float32Array, name: string): Uint16Array<ArrayBuffer> {
  const halves = toFloat16(data);
  // Beyond the range of halves: infinity, whose exponent is all ones and whose mantissa is zero.
  const lost = halves.findIndex((half, i) => (half & 0x7fff) === 0x7c00 && Number.isFinite(data[i]));
  if (lost >= 0) {
    throw new UserError(
      `Cannot store tensor ${quoted(name)} as F16: the value ${
        data[lost]
      } is beyond ±${F16_MAX}; store it as F32`,
    );
  }
  return halves;
}

/** In quotes, on one line and short, whatever a damaged file holds. */
function quoted(text: string): string {
  const line = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
  // JSON leaves these line breaks as they are.
  return line.replaceAll(/[\u007f-\u009f\u2028\u2029]/g, "?");
}

const hex = (value: number) => value.toString(16).padStart(8, "0");
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
