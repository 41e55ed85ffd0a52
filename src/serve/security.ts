/** What keeps the page to itself: which requests are answered, and what a browser lets the page do. */

/**
 * The page's Content-Security-Policy: its own files, pictures that it made, WebAssembly; no other host, no inline script or style.
 * web/index.html says the same in a meta element, for hosts that send no headers; a test holds the two equal.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Headers of every answer. With the two Cross-Origin ones the page may share memory between threads, which the CPU path uses. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  // A page cannot say of itself who may frame it, so this part is in the header alone.
  "content-security-policy": `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
};

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;

/** True for names and addresses that only this machine answers to; an IPv6 address with or without its brackets. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host.toLowerCase()) || host === "::1";
}

/**
 * Whether a request's Host header is one that a person types to reach this server. Another site can point a name of its own at
 * this machine (DNS rebinding), and a browser then lets it read what is served here; but it cannot change the Host header.
 * @param header as it came, `127.0.0.1:8787`.
 * @param host what the server was told to listen on; any address is taken where that is not the loopback.
 */
export function isOwnHost(header: string | null, host: string, port: number): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[^:\s]+)(?::(\d{1,5}))?$/.exec(header?.toLowerCase() ?? "");
  if (!match || Number(match[2] ?? 80) !== port) return false;
  const name = match[1];
  return LOOPBACK.test(name) || (!isLoopback(host) && (name === host.toLowerCase() || ADDRESS.test(name)));
}
