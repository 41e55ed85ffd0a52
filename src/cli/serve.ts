/** `clairnet serve`. */
import { exportSite } from "../serve/export_site.ts";
import { isLoopback } from "../serve/security.ts";
import { servePage } from "../serve/server.ts";
import { pageSite } from "../serve/site.ts";
import { interruptible } from "./terminal.ts";

interface Options {
  readonly host: string;
  readonly port: number;
  readonly export?: string;
  readonly overwrite?: boolean;
}

export async function serve(options: Options): Promise<number> {
  const { host, port } = options;
  const site = await pageSite();
  if (options.export !== undefined) {
    const written = await exportSite(site, options.export, { overwrite: options.overwrite });
    console.log(
      `${written.length} files written to ${options.export}; any web server can host them, over https`,
    );
    return 0;
  }
  using interrupt = interruptible();
  await using server = servePage({ site, host, port, signal: interrupt.signal });
  console.log(`Clairnet's page is at ${server.url} (Ctrl-C ends it)`);
  if (!isLoopback(host)) {
    console.error(
      "Other machines can open it, but their browsers give WebGPU to https pages only: see serve --export",
    );
  }
  await server.finished;
  return 0;
}
