/** A JSR registry on this machine: takes what `deno publish` sends, and serves it as jsr.io does. */
import { parseTarGzip } from "npm:nanotar@0.3.0";

interface Release {
  /** Files by path, `/mod.ts`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly exports: Readonly<Record<string, string>>;
}

/** An open registry. */
export interface JsrRegistry extends AsyncDisposable {
  /** What the environment variable JSR_URL has to say. */
  readonly url: string;
  /** Published releases by `@scope/name@version`. */
  readonly releases: ReadonlyMap<string, Release>;
}

/** Opens an empty registry on the loopback address. Any token publishes, and scopes and packages exist once they are asked for. */
export function openJsrRegistry(): JsrRegistry {
  const releases = new Map<string, Release>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const [, scope, name, version] = pathname.match(
      /^\/api\/scopes\/([^/]+)\/packages\/([^/]+)(?:\/versions\/([^/]+))?$/,
    ) ?? [];
    if (version && request.method === "POST") {
      const files = await unpack(await request.bytes());
      const config = JSON.parse(text(files.get(searchParams.get("config")!)!));
      releases.set(`@${scope}/${name}@${version}`, { files, exports: config.exports });
      return Response.json({ id: "task", status: "success", error: null });
    }
    if (version) return notFound();
    if (scope) return Response.json({ scope, name, description: "", createdAt: DATE, updatedAt: DATE });
    return await served(pathname, releases) ?? notFound();
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    releases,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const DATE = "2026-01-01T00:00:00Z";
const notFound = () => new Response("not found", { status: 404 });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The public side: meta.json of a package, VERSION_meta.json with checksums and exports, and the files. */
async function served(path: string, releases: ReadonlyMap<string, Release>): Promise<Response | undefined> {
  const [, name, rest] = path.match(/^\/(@[^/]+\/[^/]+)\/(.*)$/) ?? [];
  if (name === undefined) return undefined;
  const versions = [...releases.keys()].filter((key) => key.startsWith(`${name}@`)).map((key) =>
    key.slice(name.length + 1)
  );
  if (versions.length === 0) return undefined;
  if (rest === "meta.json") {
    const [scope, short] = name.slice(1).split("/");
    const all = Object.fromEntries(versions.map((version) => [version, {}]));
    return Response.json({ scope, name: short, latest: versions.at(-1), versions: all });
  }
  const meta = rest.match(/^([^/]+)_meta\.json$/);
  if (meta) {
    const release = releases.get(`${name}@${meta[1]}`);
    return release && Response.json({ manifest: await manifest(release.files), exports: release.exports });
  }
  const [version] = rest.split("/");
  const file = releases.get(`${name}@${version}`)?.files.get(rest.slice(version.length));
  if (!file) return undefined;
  const type = rest.endsWith(".ts") ? "text/typescript" : rest.endsWith(".json") ? "application/json" : "";
  return new Response(file as Uint8Array<ArrayBuffer>, { headers: type ? { "content-type": type } : {} });
}

async function manifest(files: ReadonlyMap<string, Uint8Array>) {
  const entries: [string, { size: number; checksum: string }][] = [];
  for (const [path, bytes] of files) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
    entries.push([path, { size: bytes.length, checksum: `sha256-${hash.toHex()}` }]);
  }
  return Object.fromEntries(entries);
}

async function unpack(archive: Uint8Array): Promise<Map<string, Uint8Array>> {
  const entries = await parseTarGzip(archive);
  return new Map(entries.map(({ name, data }) => [`/${name.replace(/^\.?\//, "")}`, data!]));
}
