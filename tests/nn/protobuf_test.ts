// deno-lint-ignore no-import-prefix
import onnxProto from "npm:onnx-proto@8.0.1";
import { concatBytes } from "../../src/base/concat_bytes.ts";
import { floatField, textField, wholeField } from "../../src/nn/protobuf.ts";
import { Random } from "../../src/base/random.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const { AttributeProto } = onnxProto.onnx;

Deno.test("wholeField(), floatField() and textField() write what the reference implementation reads", () => {
  const random = new Random(91);
  const numbers = [0, 1, 127, 128, 16383, 16384, 2 ** 32, 2 ** 53 - 1, random.uint32(), random.uint32()];
  for (const number of numbers) {
    const float = Math.fround(random.normal());
    const text = `é×😀 ${"x".repeat(number % 300)}`;
    const bytes = concatBytes([textField(1, text), floatField(2, float), wholeField(3, number)]);
    const { name, f, i } = AttributeProto.decode(bytes);
    assertEquals([name, f, Number(i)], [text, float, number]);
  }
});

Deno.test("wholeField() refuses what it cannot write", () => {
  for (const value of [-1, 0.5, NaN, 2 ** 53]) assertThrows(() => wholeField(1, value), RangeError);
});
