import { assertEquals } from "../assert.ts";
import { padChannels, tensorBytes, unpadChannels } from "../../src/gpu/tensor.ts";
import { normalValues } from "../cases/inputs.ts";

Deno.test("padChannels() spreads pixels to whole vec4s and fills with zeros", () => {
  assertEquals([...padChannels(Float32Array.of(1, 2, 3, 4, 5, 6), 3)], [1, 2, 3, 0, 4, 5, 6, 0]);
  assertEquals([...padChannels(Float32Array.of(1, 2), 1)], [1, 0, 0, 0, 2, 0, 0, 0]);
});

Deno.test("unpadChannels() undoes padChannels() for every number of channels", () => {
  for (let channels = 1; channels <= 9; channels++) {
    const values = normalValues(7 * channels, channels);
    const padded = padChannels(values, channels);
    assertEquals(padded.byteLength, tensorBytes([1, 7, 1, channels], "image"));
    assertEquals(unpadChannels(padded, channels), values);
    const into = new Float32Array(padded.length);
    padChannels(values, channels, into);
    assertEquals(into, padded);
  }
});
