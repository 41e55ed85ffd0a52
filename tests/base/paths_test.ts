import { nameFault, pathKey } from "../../src/base/paths.ts";
import { assertEquals } from "../assert.ts";

Deno.test("nameFault() tells what Windows cannot name, in any part of a path, and lets other systems have it", () => {
  const faults: [string, string][] = [
    ["shot 12:30.png", 'shot 12:30.png holds ":", which Windows has in no name'],
    ["C:\\out\\what?.jpg", 'what?.jpg holds "?", which Windows has in no name'],
    ["a\nb.png", '"a\\nb.png" holds "\\n", which Windows has in no name'],
    ["out/aux/a.png", "aux is the name of a device on Windows"],
    ["NUL", "NUL is the name of a device on Windows"],
    ["d:/Com1.tar.png", "Com1.tar.png is the name of a device on Windows"],
    ["lpt² .webp", "lpt² .webp is the name of a device on Windows"],
    ["out. /a.png", "out.  ends with a dot or a blank, which Windows leaves out"],
    ["\\\\?\\C:\\end.", "end. ends with a dot or a blank, which Windows leaves out"],
  ];
  for (const [path, fault] of faults) {
    assertEquals(nameFault(path, "windows"), fault);
    assertEquals([nameFault(path, "linux"), nameFault(path, "darwin")], [undefined, undefined]);
  }
  const fine = [
    ...[
      "C:\\out\\a.png",
      "c:/a.png",
      "C:a.png",
      "..\\a.png",
      "./a",
      "\\\\?\\C:\\a b\\c.png",
      "\\\\server\\share\\a.png",
    ],
    ...["console.png", "nullable", "com10.png", "aux-1.png", ".hidden.png", "🌄 é.png", "a..b.png", "out/"],
  ];
  for (const path of fine) assertEquals(nameFault(path, "windows"), undefined, path);
});

Deno.test("pathKey() takes letters of either case for the same where the system does", () => {
  const keys = (["windows", "darwin", "linux", "freebsd"] as const).map((os) => pathKey("/Out/É.PNG", os));
  assertEquals(keys, ["/out/é.png", "/out/é.png", "/Out/É.PNG", "/Out/É.PNG"]);
});
