/** `clairnet serve`. */
import { UserError } from "../base/errors.ts";
import { exportSite } from "../serve/export_site.ts";
import { isLoopback } from "../serve/security.ts";
import { servePage } from "../serve/server.ts";
import { pageSite } from "../serve/site.ts";
import { interruptible, printJson, printLine } from "./terminal.ts";

interface Options {
  readonly host: string;
  readonly port: number;
  readonly export?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export async function serve(options: Options): Promise<number> {
  const { host, port, json, overwrite } = options;
  if (overwrite && options.export === undefined) {
    throw new UserError("--overwrite goes with --export DIR: a page that is served replaces no file", {
      exitCode: 2,
    });
  }
  const site = await pageSite();
  if (options.export !== undefined) {
    const out = options.export;
    const files = await exportSite(site, out, { overwrite });
    if (json) printJson({ out, files });
    else printLine(`${files.length} files written to ${out}; any web server can host them, over https`);
    return 0;
  }
  using interrupt = interruptible();
  await using server = servePage({ site, host, port, signal: interrupt.signal });
  if (json) printJson({ url: server.url, host: server.host, port: server.port });
  else printLine(`Clairnet's page is at ${server.url} (Ctrl-C ends it)`);
  if (!isLoopback(host)) {
    console.error(
      "Other machines can open it, but their browsers give WebGPU to https pages only: see serve --export",
    );
  }
  await server.finished;
  return 0;
}
