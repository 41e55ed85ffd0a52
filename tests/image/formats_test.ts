import { parseFormat } from "../../src/image/formats.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

Deno.test("parseFormat() takes a format's extensions in any case, with a dot or without, and nothing else", () => {
  const formats = ["jpg", "JPEG", ".Jpe", "tif", "TIFF", ".png", "WebP", "avif"].map(parseFormat);
  assertEquals(formats, ["jpeg", "jpeg", "jpeg", "tiff", "tiff", "png", "webp", "avif"]);
  for (const text of ["gif", "heic", "", ".", "a.jpg", "a/b.png", "jpg ", "toString"]) {
    assertThrows(() => parseFormat(text), (error: unknown) => {
      assert(error instanceof UserError && error.exitCode === 2, text);
      assertEquals(error.message, `--format must be png, jpg, webp, tiff or avif, got ${text}`);
      return true;
    });
  }
});
