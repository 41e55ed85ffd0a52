import { isLoopback, isOwnHost } from "../../src/serve/security.ts";
import { answer, servePage } from "../../src/serve/server.ts";
import { pageSite, type Site } from "../../src/serve/site.ts";
import { CONTENT_SECURITY_POLICY } from "../../src/serve/security.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../assert.ts";

const FILES: Site = new Map([
  ["index.html", { type: "text/html", read: () => Promise.resolve(new TextEncoder().encode("<p>page</p>")) }],
  ["models/a.safetensors", {
    type: "application/octet-stream",
    read: () => Promise.resolve(Uint8Array.of(1, 2, 3)),
  }],
  ["broken.js", {
    type: "text/javascript",
    read: () => Promise.reject(new UserError("Cannot read the page's broken.js")),
  }],
]);

/** Sends bytes over a bare connection, since a client would tidy path and headers up; returns the whole answer. */
async function send(port: number, request: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(request.replaceAll("\n", "\r\n")));
  return await new Response(connection.readable).text();
}

Deno.test("servePage() gives its own files with a strict Content-Security-Policy, and nothing else", async () => {
  await using server = servePage({ site: FILES, host: "127.0.0.1", port: 0 });
  const page = await fetch(server.url);
  assertEquals([page.status, await page.text()], [200, "<p>page</p>"]);
  assertMatch(
    page.headers.get("content-security-policy")!,
    /^default-src 'none';.*; frame-ancestors 'none'$/,
  );
  assertEquals(page.headers.get("cross-origin-embedder-policy"), "require-corp");
  assertEquals(page.headers.get("x-content-type-options"), "nosniff");
  const model = await fetch(`${server.url}models/a.safetensors?cached=no`);
  assertEquals([...await model.bytes()], [1, 2, 3]);
  const head = await fetch(`${server.url}models/a.safetensors`, { method: "HEAD" });
  assertEquals([head.headers.get("content-length"), await head.text()], ["3", ""]);
  const post = await fetch(server.url, { method: "POST", body: "x" });
  assertEquals([post.status, await post.text()], [405, "Only GET and HEAD are answered.\n"]);
  const broken = await fetch(`${server.url}broken.js`);
  assertEquals([broken.status, await broken.text()], [503, "Cannot read the page's broken.js\n"]);
});

Deno.test("servePage() lets no path lead out of the page", async () => {
  await using server = servePage({ site: await pageSite(), host: "127.0.0.1", port: 0 });
  const paths = [
    "/../cli.ts",
    "/models/../../cli.ts",
    "/%2e%2e/cli.ts",
    "/..%2fcli.ts",
    "/models/..%2f..%2fdeno.json",
    "/....//cli.ts",
    "//etc/passwd",
    "/file:///etc/passwd",
    "/deno.json",
    "/models/",
    "/models/photo.safetensors/",
    "/models/photo.md",
    "/constructor",
    "/index.html\\..\\..\\cli.ts",
  ];
  for (const path of paths) {
    const reply = await send(
      server.port,
      `GET ${path} HTTP/1.1\nHost: 127.0.0.1:${server.port}\nConnection: close\n\n`,
    );
    assertMatch(reply, /^HTTP\/1\.1 40[04] /, path);
    assert(!/Deno\.exit|root:|"tasks"/.test(reply), path);
  }
});

Deno.test("servePage() refuses requests under another name, as DNS rebinding brings them", async () => {
  await using server = servePage({ site: FILES, host: "127.0.0.1", port: 0 });
  const { port } = server;
  const statusFor = async (host: string) => {
    const reply = await send(port, `GET / HTTP/1.1\nHost: ${host}\nConnection: close\n\n`);
    return Number(reply.split(" ")[1]);
  };
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`]) {
    assertEquals(await statusFor(host), 200, host);
  }
  const others = [
    "evil.example",
    `evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    `127.0.0.1:${port + 1}`,
  ];
  for (const host of [...others, `localhost.evil.example:${port}`, `192.168.1.2:${port}`, "127.0.0.1"]) {
    assertEquals(await statusFor(host), 421, host);
  }
});

Deno.test("isOwnHost() takes addresses and the given name where the server was told to listen beyond the loopback", () => {
  assert(isOwnHost("192.168.1.2:80", "0.0.0.0", 80));
  assert(isOwnHost("192.168.1.2", "0.0.0.0", 80));
  assert(isOwnHost("[fe80::1]:8787", "::", 8787));
  assert(isOwnHost("studio.local:8787", "studio.local", 8787));
  assert(isOwnHost("[::1]:8787", "::1", 8787));
  for (
    const header of [null, "", "evil.example:8787", "studio.local.evil.example:8787", "a b:8787", ":8787"]
  ) {
    assert(!isOwnHost(header, "studio.local", 8787), String(header));
    assert(!isOwnHost(header, "0.0.0.0", 8787), String(header));
  }
  assert(!isOwnHost("192.168.1.2:8787", "::1", 8787));
  assert(
    isLoopback("127.0.0.2") && isLoopback("::1") && !isLoopback("0.0.0.0") && !isLoopback("127.0.0.1.x.org"),
  );
});

Deno.test("answer() does not look at a request's own address: only its Host header counts", async () => {
  const request = new Request("http://evil.example:8787/", { headers: { host: "127.0.0.1:8787" } });
  assertEquals((await answer(request, FILES, "127.0.0.1", 8787)).status, 200);
});

Deno.test("servePage() says in one line that a port is taken", async () => {
  await using server = servePage({ site: FILES, host: "127.0.0.1", port: 0 });
  assertThrows(
    () => servePage({ site: FILES, host: "127.0.0.1", port: server.port }),
    /^UserError: Cannot listen on 127\.0\.0\.1:\d+: the port is taken; choose another with --port$/,
  );
});

Deno.test("the page says the same Content-Security-Policy of itself as the server does", async () => {
  const html = await Deno.readTextFile(new URL("../../web/index.html", import.meta.url));
  const meta = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(html);
  assertEquals(meta?.[1], CONTENT_SECURITY_POLICY);
  assert(
    !/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/.test(html),
    "the page has something inline, which its policy forbids",
  );
});

Deno.test("pageSite() names files that exist, with the models' facts", async () => {
  const site = await pageSite();
  for (const [path, { read, type }] of site) {
    if (path.startsWith("onnxruntime/")) continue; // fetched when the CPU path is first used
    assert((await read()).length > 0, path);
    assert(type !== undefined, path);
  }
  const models = JSON.parse(new TextDecoder().decode(await site.get("models.json")!.read()));
  for (const { name, path, bytes, recipe } of models) {
    assert(site.has(path) && bytes > 1000 && recipe !== "", name);
  }
});
