import { decibels, signed } from "../../tools/decibels.ts";
import { assertEquals } from "../assert.ts";

Deno.test("decibels() and signed() show equal pictures as ∞, and a gain that rounds to nothing as none", () => {
  assertEquals([30.126, Infinity].map(decibels), ["30.13", "∞"]);
  assertEquals([1.5, -0.25, 0.004, -0.004, 0, Infinity, -Infinity].map(signed), [
    ...["+1.50", "−0.25", "+0.00", "+0.00", "+0.00", "+∞", "−∞"],
  ]);
});
