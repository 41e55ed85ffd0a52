/** What names of files mean to the system that runs this. */
import { displayName } from "./display_name.ts";

type System = typeof Deno.build.os;

/** The same text for names of the same file: macOS and Windows take Photo.png and photo.png for one. @param path an absolute one. */
export function pathKey(path: string, os: System = Deno.build.os): string {
  return os === "windows" || os === "darwin" ? path.toLowerCase() : path;
}

/** Devices, whose names Windows takes for them in every folder and with every extension. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)/i;

/**
 * Why Windows makes no file of this name, or makes another one than is meant: `a:b.png` would be hidden data of a file `a`. Undefined where
 * nothing is wrong, and on other systems, where all but `/` may stand in a name.
 */
export function nameFault(path: string, os: System = Deno.build.os): string | undefined {
  if (os !== "windows") return undefined;
  const names = path.replace(/^\\\\[?.]\\/, "").replace(/^[a-z]:/i, "").split(/[\\/]/);
  for (const name of names) {
    const part = displayName(name);
    if (name === "" || name === "." || name === "..") continue;
    // deno-lint-ignore no-control-regex
    const [character] = /[\u0000-\u001f<>:"|?*]/.exec(name) ?? [];
    if (character !== undefined) {
      return `${part} holds ${JSON.stringify(character)}, which Windows has in no name`;
    }
    if (DEVICE.test(name)) return `${part} is the name of a device on Windows`;
    if (/[. ]$/.test(name)) return `${part} ends with a dot or a blank, which Windows leaves out`;
  }
  return undefined;
}
