import { assert, assertEquals, assertMatch } from "../assert.ts";
import { withFolder } from "../data/photos.ts";
import { runCommand, startCommand } from "./command.ts";

Deno.test("serve says where the page is, serves it, and ends in good order at Ctrl-C", async () => {
  const child = startCommand(["serve", "--port", "0"]);
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  const url = /^Clairnet's page is at (http:\/\/127\.0\.0\.1:\d+\/) \(Ctrl-C ends it\)\n$/.exec(value!)?.[1];
  assert(url, `it says ${value}`);
  assertMatch(await (await fetch(url)).text(), /<title>Clairnet/);
  child.kill("SIGINT");
  assertEquals((await child.status).code, 0);
  await reader.cancel();
  assertEquals(await new Response(child.stderr).text(), "");
});

Deno.test("serve --json gives the address as one document, and serves", async () => {
  const child = startCommand(["serve", "--port", "0", "--json"]);
  const [shown, rest] = child.stdout.pipeThrough(new TextDecoderStream()).tee();
  const { value } = await shown.getReader().read();
  const { url, host, port } = JSON.parse(value!);
  assertEquals([url, host], [`http://127.0.0.1:${port}/`, "127.0.0.1"]);
  assertMatch(await (await fetch(url)).text(), /<title>Clairnet/);
  child.kill("SIGINT");
  assertEquals((await child.status).code, 0);
  assertEquals((await Array.fromAsync(rest)).join(""), value);
  assertEquals(await new Response(child.stderr).text(), "");
});

Deno.test("serve --export writes the page, and does not touch a folder that holds something", async () => {
  await withFolder(async (dir) => {
    const first = await runCommand(["serve", "--export", `${dir}/page`]);
    assertEquals([first.code, first.stderr], [0, ""]);
    assertMatch(first.stdout, /^\d+ files written to .*page; any web server can host them, over https\n$/);
    assertMatch(await Deno.readTextFile(`${dir}/page/index.html`), /<title>Clairnet/);
    const file = await runCommand(["serve", "--export", `${dir}/page/index.html`]);
    assertEquals(file.code, 2);
    assertMatch(
      file.stderr,
      /^clairnet: Cannot write the page to .*index\.html: it is a file; name a folder\n$/,
    );
    const second = await runCommand(["serve", "--export", `${dir}/page`]);
    assertEquals(second.code, 2);
    assertMatch(
      second.stderr,
      /^clairnet: Cannot write the page to .*: it is not empty; add --overwrite .*\n$/,
    );
  });
});

Deno.test("serve refuses what is no port or no address of this machine in one line", async () => {
  const port = await runCommand(["serve", "--port", "99999"]);
  assertEquals([port.code, port.stderr.split("\n").length], [2, 2]);
  assertMatch(port.stderr, /--port must be a whole number from 0 to 65535/);
  const lone = await runCommand(["serve", "--overwrite", "--port", "0"]);
  assertEquals([lone.code, lone.stderr], [
    2,
    "clairnet: --overwrite goes with --export DIR: a page that is served replaces no file\n",
  ]);
  const host = await runCommand(["serve", "--host", "203.0.113.7", "--port", "0"]);
  assertEquals([host.code, host.stderr.split("\n").length], [1, 2]);
  assertMatch(host.stderr, /^clairnet: Cannot listen on 203\.0\.113\.7:0: /);
});
