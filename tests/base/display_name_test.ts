import { displayName } from "../../src/base/display_name.ts";
import { oneLine, systemReason } from "../../src/base/errors.ts";
import { assertEquals } from "../assert.ts";

Deno.test("displayName() leaves ordinary names of any script alone", () => {
  for (
    const name of ["holiday.jpg", "/a b/ç  é.png", "-dash.jpg", "🌄.webp", 'say "x".png', "写真\\1.avif", ""]
  ) {
    assertEquals(displayName(name), name);
  }
});

Deno.test("displayName() quotes and escapes what would break a line or reach the terminal", () => {
  assertEquals(displayName("a\nb.jpg"), String.raw`"a\nb.jpg"`);
  assertEquals(displayName("\x1b[2Jx"), String.raw`"\u001b[2Jx"`);
  assertEquals(displayName('\r"\x9b'), String.raw`"\r\"\u009b"`);
  assertEquals(displayName("a\u202egnp.exe\u2028"), String.raw`"a\u202egnp.exe\u2028"`);
});

Deno.test("oneLine() joins lines and keeps the spaces of names", () => {
  assertEquals(oneLine(new Error(" a  b.jpg is bad\n  at once\r\n\n now ")), "a  b.jpg is bad at once now");
  assertEquals(oneLine("plain"), "plain");
});

Deno.test("systemReason() says in words what the system's errors mean", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.symlink(`${folder}/loop`, `${folder}/loop`);
    await Deno.writeTextFile(`${folder}/file`, "x");
    const cases: Record<string, string> = {
      none: "there is no such file",
      loop: "its symbolic links lead in a circle",
      "file/x": "a part of its path is no folder",
      ".": "it is a folder",
    };
    for (const [path, reason] of Object.entries(cases)) {
      assertEquals(await Deno.readFile(`${folder}/${path}`).catch(systemReason), reason);
    }
    assertEquals(systemReason(new Error("x\ny")), "x y");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
