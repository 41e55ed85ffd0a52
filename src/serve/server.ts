/** A server of the page and nothing else. */
import { UserError } from "../base/errors.ts";
import { isOwnHost, SECURITY_HEADERS } from "./security.ts";
import type { Site } from "./site.ts";

export interface ServeOptions {
  readonly site: Site;
  /** Address or name to listen on. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Ends the server. */
  readonly signal?: AbortSignal;
}

/** A running server; dispose of it (`await using`) to end it. */
export interface PageServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Address of the page. */
  readonly url: string;
  readonly finished: Promise<void>;
}

/**
 * Starts to serve.
 * @throws {UserError} where the port is taken or the address is not this machine's.
 */
export function servePage({ site, host, port, signal }: ServeOptions): PageServer {
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve(
      { hostname: host, port, signal, onListen: () => {} },
      (request) => answer(request, site, host, server.addr.port),
    );
  } catch (error) {
    const why = error instanceof Deno.errors.AddrInUse
      ? "the port is taken; choose another with --port"
      : (error as Error).message;
    throw new UserError(`Cannot listen on ${host}:${port}: ${why}`, { cause: error });
  }
  const name = host.includes(":") ? `[${host}]` : host === "0.0.0.0" ? "127.0.0.1" : host;
  return {
    host,
    port: server.addr.port,
    url: `http://${name}:${server.addr.port}/`,
    finished: server.finished,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Answers from the site's list: what is not in it does not exist, so that no path leads out of it. */
export async function answer(request: Request, site: Site, host: string, port: number): Promise<Response> {
  if (!isOwnHost(request.headers.get("host"), host, port)) {
    return text(421, "This server answers to its own address only.");
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return text(405, "Only GET and HEAD are answered.", { allow: "GET, HEAD" });
  }
  const { pathname } = new URL(request.url);
  const file = site.get(pathname === "/" ? "index.html" : pathname.slice(1));
  if (!file) return text(404, "There is no such file.");
  try {
    const bytes = await file.read();
    const headers = {
      ...SECURITY_HEADERS,
      "content-type": file.type,
      "content-length": String(bytes.length),
      "cache-control": "no-cache",
    };
    return new Response(request.method === "HEAD" ? null : bytes, { headers });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return text(503, error.message);
  }
}

function text(status: number, message: string, headers: Record<string, string> = {}): Response {
  return new Response(`${message}\n`, {
    status,
    headers: { ...SECURITY_HEADERS, "content-type": "text/plain; charset=utf-8", ...headers },
  });
}
