import { displayName } from "../../src/base/display_name.ts";
import { assertEquals } from "../assert.ts";

Deno.test("displayName() leaves ordinary names of any script alone", () => {
  for (
    const name of ["holiday.jpg", "/a b/ç  é.png", "-dash.jpg", "🌄.webp", 'say "x".png', "写真\\1.avif"]
  ) {
    assertEquals(displayName(name), name);
  }
});

Deno.test("displayName() quotes an empty name, which nobody would see", () => {
  assertEquals(displayName(""), '""');
});

Deno.test("displayName() quotes and escapes what would break a line or reach the terminal", () => {
  assertEquals(displayName("a\nb.jpg"), String.raw`"a\nb.jpg"`);
  assertEquals(displayName("\x1b[2Jx"), String.raw`"\u001b[2Jx"`);
  assertEquals(displayName('\r"\x9b'), String.raw`"\r\"\u009b"`);
  assertEquals(displayName("a\u202egnp.exe\u2028"), String.raw`"a\u202egnp.exe\u2028"`);
});
