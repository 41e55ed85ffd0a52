/** Where Chromium is on this machine. */

/** Names that Debian, Ubuntu, Fedora, Arch and Google give it. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * Path of a Chromium or Chrome: the environment variable CHROMIUM if it is set, else the first one on the PATH, else
 * the usual place on macOS and Windows.
 * @returns undefined if there is none.
 */
export async function findChromium(): Promise<string | undefined> {
  const given = Deno.env.get("CHROMIUM");
  if (given) return given;
  const [separator, suffix] = Deno.build.os === "windows" ? [";", ".exe"] : [":", ""];
  const candidates = (Deno.env.get("PATH") ?? "").split(separator).filter((folder) => folder !== "")
    .flatMap((folder) => NAMES.map((name) => `${folder}/${name}${suffix}`));
  candidates.push("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
  candidates.push(`${Deno.env.get("ProgramFiles")}/Google/Chrome/Application/chrome.exe`);
  for (const path of candidates) {
    const found = await Deno.stat(path).then((info) => info.isFile, () => false);
    if (found) return path;
  }
  return undefined;
}
