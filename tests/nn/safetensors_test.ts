import { crc32 } from "../../src/base/crc32.ts";
import { decodeTensors, encodeTensors, type StoredTensor } from "../../src/nn/safetensors.ts";
import { UserError } from "../../src/base/errors.ts";
import { Random } from "../../src/base/random.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { assert, assertAllClose, assertEquals, assertThrows, isUserError } from "../assert.ts";

function randomTensor(shape: number[], seed: number, dtype: "F32" | "F16" = "F32"): StoredTensor {
  const random = new Random(seed);
  return { shape, dtype, data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()) };
}

/** A file put together by hand from the format's description. */
function handMade(header: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

function assertRefused(bytes: Uint8Array, pattern: RegExp): void {
  assertThrows(() => decodeTensors(bytes, "x.safetensors"), isUserError(/"x\.safetensors"/, pattern));
}

Deno.test("decodeTensors() reads a file made by hand", () => {
  const data = new Uint8Array(4 * 3 + 2 * 2);
  const view = new DataView(data.buffer);
  [1.5, -2, 0.1].forEach((value, i) => view.setFloat32(i * 4, value, true));
  view.setUint16(12, 0x3c00, true); // 1
  view.setUint16(14, 0xb555, true); // −0.333251953125
  // Another program's writing: spaces, another order, a scalar.
  const header = `{ "b" : {"dtype":"F16", "shape":[1, 2], "data_offsets":[12,16]},
    "__metadata__": {"by": "hand"}, "a": {"shape":[2], "dtype":"F32", "data_offsets":[0,8]},
    "scalar": {"shape":[], "dtype":"F32", "data_offsets":[8,12]} }   `;
  const { tensors, metadata } = decodeTensors(handMade(header, data), "hand");
  assertEquals(metadata, { by: "hand" });
  assertEquals(tensors.get("a"), { dtype: "F32", shape: [2], data: Float32Array.of(1.5, -2) });
  assertEquals(tensors.get("b"), { dtype: "F16", shape: [1, 2], data: Float32Array.of(1, -0.333251953125) });
  assertEquals(tensors.get("scalar"), { dtype: "F32", shape: [], data: Float32Array.of(0.1) });
});

Deno.test("encodeTensors() and decodeTensors() keep every bit of F32, of subarrays too", () => {
  const whole = randomTensor([3, 3, 5, 7], 1);
  const odd = new Float32Array([7, NaN, -0, Infinity, 1e-45, 3.4e38]).subarray(1);
  const tensors = new Map<string, StoredTensor>([
    ["half", randomTensor([5], 2, "F16")], // ten bytes: what follows must not lose its alignment
    ["w", whole],
    ["empty", { shape: [0, 3], data: new Float32Array() }],
    ["odd", { shape: [5], data: odd }],
  ]);
  const bytes = encodeTensors({
    tensors,
    metadata: { text: 'quotes " and \n lines, ü, "crc32":"12345678"' },
  });
  // As part of a larger buffer, at an odd address.
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  const back = decodeTensors(shifted.subarray(3), "x");
  assertEquals(back.metadata, { text: 'quotes " and \n lines, ü, "crc32":"12345678"' });
  assertEquals(back.tensors.get("w")!.data, whole.data);
  assertEquals(new Uint32Array(back.tensors.get("odd")!.data.buffer), new Uint32Array(odd.slice().buffer));
  assertEquals(back.tensors.get("empty")!.shape, [0, 3]);
  assertAllClose(back.tensors.get("half")!.data, tensors.get("half")!.data, 2 ** -11);
});

Deno.test("encodeTensors() lays the file out as the format asks", () => {
  const bytes = encodeTensors({
    tensors: new Map([["h", randomTensor([3], 4, "F16")], ["f", randomTensor([2], 3)]]),
    metadata: { k: "v" },
  });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assertEquals(length % 8, 0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  assertEquals(header.f, { dtype: "F32", shape: [2], data_offsets: [0, 8] });
  assertEquals(header.h, { dtype: "F16", shape: [3], data_offsets: [8, 14] });
  assertEquals(header.__metadata__.k, "v");
  assertEquals(bytes.length, 8 + length + 14);
});

Deno.test("encodeTensors() and decodeTensors() keep every finite half through F16, subnormals included", () => {
  const values = new Float32Array(0x10000);
  let count = 0;
  for (let bits = 0; bits < 0x10000; bits++) {
    // The value of a half, from its definition (IEEE 754-2008, 3.4).
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) continue;
    const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    values[count++] = bits & 0x8000 ? -magnitude : magnitude;
  }
  const data = values.slice(0, count);
  const bytes = encodeTensors({
    tensors: new Map([["x", { shape: [count], data, dtype: "F16" }]]),
    metadata: {},
  });
  const back = decodeTensors(bytes, "x").tensors.get("x")!.data;
  assertEquals(new Uint32Array(back.buffer), new Uint32Array(data.buffer));
});

Deno.test("encodeTensors() rounds to the nearest half, ties to even, and refuses what does not fit", () => {
  const half = (value: number) => {
    const tensor: StoredTensor = { shape: [1], data: Float32Array.of(value), dtype: "F16" };
    return decodeTensors(encodeTensors({ tensors: new Map([["w", tensor]]), metadata: {} }), "x").tensors.get(
      "w",
    )!.data[0];
  };
  assertEquals(half(1 + 2 ** -11), 1); // tie, down to even
  assertEquals(half(1 + 3 * 2 ** -11), 1 + 2 ** -9); // tie, up to even
  assertEquals(half(1.6 * 2 ** -24), 2 ** -23);
  assertEquals(half(2 ** -25), 0);
  assertEquals(half(65519), 65504);
  assertThrows(() => half(-65520), /UserError.*"w".*-65520.*F32/);
});

Deno.test("decodeTensors() refuses a file cut off at any length", () => {
  const bytes = encodeTensors({
    tensors: new Map([["w", randomTensor([3, 4], 5)]]),
    metadata: { note: "cut" },
  });
  for (let length = 0; length < bytes.length; length++) assertRefused(bytes.subarray(0, length), /./);
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  assertRefused(longer, /damaged/);
});

Deno.test("decodeTensors() notices every flipped byte", () => {
  const tensors = new Map([["a", randomTensor([2, 3], 6)], ["b", randomTensor([5], 7, "F16")]]);
  const bytes = encodeTensors({ tensors, metadata: { seed: "12", note: "x" } });
  const whole = decodeTensors(bytes, "whole");
  const random = new Random(8);
  const keyAt = new TextDecoder("latin1").decode(bytes).indexOf('"crc32"');
  for (let at = 0; at < bytes.length; at++) {
    const broken = bytes.slice();
    broken[at] ^= 1 + random.below(255);
    if (at > keyAt && at <= keyAt + 5) {
      // Another name for the checksum takes the protection away, but then nothing else is damaged.
      try {
        assertEquals(decodeTensors(broken, "x.safetensors").tensors, whole.tensors);
      } catch (error) {
        assert(error instanceof UserError, `threw ${error}`);
      }
    } else assertRefused(broken, /./);
  }
});

Deno.test("decodeTensors() says in one line what is wrong with a header", () => {
  const entry = (fields: object) =>
    JSON.stringify({ w: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...fields } });
  const eight = new Uint8Array(8);
  assertEquals(decodeTensors(handMade(entry({}), eight), "fine").tensors.size, 1);
  const giant = handMade("{}");
  new DataView(giant.buffer).setBigUint64(0, 2n ** 40n, true);
  assertRefused(giant, /header claims 1099511627776 bytes/);
  assertRefused(handMade("not json"), /no JSON/);
  assertRefused(handMade(" {}"), /no JSON/);
  assertRefused(handMade('{"w":'), /no JSON/);
  assertRefused(handMade('{"__metadata__":{"a":1}}'), /metadata/);
  assertRefused(handMade('{"__metadata__":["a"]}'), /metadata/);
  assertRefused(handMade('{"w":null}'), /"w" has no description/);
  assertRefused(handMade(entry({ dtype: "BF16" }), eight), /"w" is of type "BF16"; only F32 and F16/);
  assertRefused(handMade(entry({ dtype: undefined }), eight), /type "undefined"/);
  assertRefused(handMade(entry({ shape: [-2] }), eight), /shape/);
  assertRefused(handMade(entry({ shape: [1.5] }), eight), /shape/);
  assertRefused(handMade(entry({ shape: "2" }), eight), /shape/);
  assertRefused(handMade(entry({ shape: [2 ** 30, 2 ** 30, 2 ** 30] }), eight), /8 bytes, but shape/);
  assertRefused(handMade(entry({ data_offsets: [8, 0] }), eight), /offsets 8 to 0/);
  assertRefused(handMade(entry({ data_offsets: [0] }), eight), /offsets/);
  assertRefused(handMade(entry({ data_offsets: [0, 4] }), eight), /4 bytes, but shape 2 of F32 takes 8/);
  assertRefused(handMade(entry({ data_offsets: [4, 12] }), new Uint8Array(12)), /gap at byte 0/);
  assertRefused(handMade(entry({ data_offsets: [0, 8] }), new Uint8Array(4)), /truncated/);
  assertRefused(handMade(entry({}), new Uint8Array(9)), /fill 8 bytes, but 9/);
  const spec = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  assertRefused(handMade(JSON.stringify({ a: spec, b: spec }), eight), /overlap/);
  assertRefused(handMade(JSON.stringify({ "a\nb\u2028": { ...spec, dtype: "I8" } }), eight), /"a\\nb\?"/);
});

Deno.test("encodeTensors() refuses a shape that is not the data's", () => {
  const tensors = new Map([["w", { shape: [2, 2], data: Float32Array.of(1, 2, 3) }]]);
  assertThrows(() => encodeTensors({ tensors, metadata: {} }), /RangeError.*"w".*2×2.*3 values/);
});

Deno.test("crc32() gives the check value of the standard, in one go or in parts", () => {
  const digits = new TextEncoder().encode("123456789");
  assertEquals(crc32(digits), 0xcbf43926);
  assertEquals(crc32(digits.subarray(4), crc32(digits.subarray(0, 4))), 0xcbf43926);
});
