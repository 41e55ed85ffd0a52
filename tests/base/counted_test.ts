import { counted } from "../../src/base/counted.ts";
import { assertEquals } from "../assert.ts";

Deno.test("counted() puts one in the singular and all else in the plural", () => {
  assertEquals([0, 1, 2].map((count) => counted(count, "photo")), ["0 photos", "1 photo", "2 photos"]);
  assertEquals([1, 3].map((count) => counted(count, "patch", "patches")), ["1 patch", "3 patches"]);
});
