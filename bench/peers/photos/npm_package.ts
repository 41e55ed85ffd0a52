/** Other programs come from npm when they are to be measured; nothing of theirs is kept in the repository, nor in a lock file. */
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../../src/base/errors.ts";
import { isFolder } from "./files.ts";

/** Where they are unpacked: not in the repository, whose checks would take them in. */
const CACHE = join(homedir(), ".cache", "clairnet-peers");

/**
 * Path of an unpacked npm package, fetched with `npm pack` where it is not there yet. Its scripts are not run, its dependencies not fetched.
 * @throws {UserError} where it cannot be had.
 */
export async function npmPackage(name: string, version: string): Promise<string> {
  const folder = join(CACHE, `${name.replace("/", "-")}-${version}`);
  if (await isFolder(folder)) return `${folder}/package`;
  const making = `${folder}.tmp`;
  await Deno.mkdir(making, { recursive: true });
  const packed = await run("npm", ["pack", "--silent", `${name}@${version}`], making);
  await run("tar", ["xzf", packed.trim().split("\n").at(-1)!], making);
  await Deno.rename(making, folder);
  return `${folder}/package`;
}

/** What a command prints. */
async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { code, stdout } = await new Deno.Command(command, { args: [...args], cwd, stderr: "inherit" })
      .output();
    if (code === 0) return new TextDecoder().decode(stdout);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw new UserError(`Cannot run '${command} ${args.join(" ")}'`);
}
