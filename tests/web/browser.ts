/** The page in a headless Chromium, served as `clairnet serve` does. */
/// <reference lib="dom" />
// Not in deno.json: Deno would fetch it for whoever runs the command line.
// deno-lint-ignore no-import-prefix
import { type Browser, type BrowserContext, chromium, type Page } from "npm:playwright-core@1.65.1";
import { servePage } from "../../src/serve/server.ts";
import { pageSite, type Site } from "../../src/serve/site.ts";
import { findChromium } from "../../tools/chromium.ts";
import { assertEquals } from "../assert.ts";

/** Software adapters on a busy machine take their time. */
export const PATIENCE = { timeout: 180_000 };

const executable = await findChromium();

/** A test that needs Chromium. A plain user may do without it; continuous integration may not. */
export function chromiumTest(
  name: string,
  fn: (browser: (webgpu: boolean) => Promise<Browser>) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: executable === undefined && !Deno.env.get("CI"),
    fn: async () => {
      const browsers: Browser[] = [];
      try {
        await fn(async (webgpu) => {
          const browser = await launch(webgpu);
          browsers.push(browser);
          return browser;
        });
      } finally {
        for (const browser of browsers) await browser.close();
      }
    },
  });
}

async function launch(webgpu: boolean): Promise<Browser> {
  if (executable === undefined) {
    throw new Error("Chromium is missing: install it, or set CHROMIUM to its path");
  }
  return await chromium.launch({
    executablePath: executable,
    args: [
      ...(webgpu ? ["--enable-unsafe-webgpu"] : []),
      // Chromium's own sandbox does not work for root.
      ...(Deno.build.os === "linux" && Deno.uid() === 0 ? ["--no-sandbox"] : []),
    ],
  });
}

/** An open page, and what the server was asked for. */
export interface OpenedPage {
  readonly page: Page;
  readonly url: string;
  /** Paths that were read, in order. */
  readonly served: readonly string[];
}

/**
 * Opens the page with the models of a folder, on a desktop's width or as the context has it. Afterwards it must have asked no other host for anything, and its console must be
 * free of errors and of breaches of the Content-Security-Policy.
 */
export async function withPage(
  browser: Browser | BrowserContext,
  models: string,
  run: (opened: OpenedPage) => Promise<void>,
): Promise<void> {
  const served: string[] = [];
  const site: Site = new Map(
    [...await pageSite(new URL(`file://${models}/`))].map(([path, { type, read }]) => [path, {
      type,
      read: () => {
        served.push(path);
        return read();
      },
    }]),
  );
  await using server = servePage({ site, host: "127.0.0.1", port: 0 });
  const page = "newContext" in browser
    ? await browser.newPage({ viewport: { width: 1280, height: 800 } })
    : await browser.newPage();
  page.setDefaultTimeout(PATIENCE.timeout);
  const faults = watch(page, server.url);
  await page.goto(server.url);
  await page.waitForSelector("html[data-ready]", { state: "attached" });
  try {
    await run({ page, url: server.url, served });
  } catch (error) {
    // What the page itself said may be why the test saw nothing.
    const shown = await page.innerText("body").catch(() => "nothing");
    throw new Error(
      `${(error as Error).message}\nComplaints: ${faults.join("; ") || "none"}\nThe page shows: ${shown}`,
      {
        cause: error,
      },
    );
  }
  await page.close();
  assertEquals(faults, []);
}

/** Requests that leave the page's own host, errors, and complaints of the console, as they come. */
export function watch(page: Page, url: string): string[] {
  const faults: string[] = [];
  page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(url) && !/^(blob|data):/.test(address)) faults.push(`request to ${address}`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  return faults;
}

/** Waits until the photo in view is restored or enlarged. @throws {Error} if it fails instead. */
export async function restored(page: Page): Promise<void> {
  const status = await page.waitForFunction(() => {
    const status = document.getElementById("status-text")!;
    return /^(Restored|Enlarged) in/.test(status.textContent!) || status.classList.contains("error")
      ? status.textContent
      : null;
  });
  const text = await status.jsonValue();
  if (!/^(Restored|Enlarged)/.test(text!)) throw new Error(`The page says: ${text}`);
}

/** Clicks an element and returns the file that is saved. */
export async function saved(page: Page, selector: string): Promise<{ name: string; bytes: Uint8Array }> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
  return { name: download.suggestedFilename(), bytes: await Deno.readFile(await download.path()) };
}
