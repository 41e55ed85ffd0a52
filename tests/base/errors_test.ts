import { isDiskFull, oneLine, systemReason } from "../../src/base/errors.ts";
import { assertEquals } from "../assert.ts";

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
    const missing = await Deno.stat(`${folder}/none`).catch((error) => systemReason(error, "folder"));
    assertEquals(missing, "there is no such folder");
    assertEquals(systemReason(new Error("x\ny")), "x y");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("isDiskFull() knows a full disk and a used-up quota, also behind another error", () => {
  const full = Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
  assertEquals(isDiskFull(full), true);
  assertEquals(
    isDiskFull(new Error("cannot write", { cause: Object.assign(new Error(), { code: "EDQUOT" }) })),
    true,
  );
  assertEquals(isDiskFull(new Error("cannot write", { cause: new Error("No space left") })), false);
  assertEquals(isDiskFull(Object.assign(new Error(), { code: "EACCES" })), false);
  assertEquals(isDiskFull({ code: "ENOSPC" }), false);
});
