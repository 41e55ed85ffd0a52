import { assert, assertEquals, assertMatch } from "../assert.ts";
import type { AdapterSummary } from "../../src/gpu/adapter.ts";
import { choiceCachePath, kernelVersion, readChoices, writeChoices } from "../../src/tune/choice_cache.ts";
import type { TunedChoice } from "../../src/tune/tune_convolution.ts";

const ADAPTER: AdapterSummary = {
  ...{ name: "a card", vendor: "its maker", architecture: "", software: false, features: [] },
};
const KEYS = ["forward 1×8×8 1→2 3×3 /1", "weight-gradient 2×16×8 4→4 3×3 /1"];
const SOME = new Map<string, TunedChoice>([
  [KEYS[0], { variant: "tile8", milliseconds: { tile8: 1.5, naive: 2 } }],
  [KEYS[1], { variant: "naive", milliseconds: { naive: 0.25 } }],
]);

async function withFolder(test: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(`${dir}/deeper/tuning.json`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** What is read, and the lines that were said. */
async function read(path: string, adapter = ADAPTER) {
  const lines: string[] = [];
  const found = await readChoices(path, adapter, (line) => lines.push(line));
  return { choices: found?.choices, tuned: found?.tuned, lines };
}

Deno.test("writeChoices() keeps what readChoices() finds again, adapter by adapter", () =>
  withFolder(async (path) => {
    assertEquals(await read(path), { choices: undefined, tuned: undefined, lines: [] });
    const before = Date.now();
    assertEquals(await writeChoices(path, ADAPTER, SOME), undefined);
    const { choices, tuned, lines } = await read(path);
    assertEquals([choices, lines], [SOME, []]);
    assert(Date.parse(tuned!) >= before && Date.parse(tuned!) <= Date.now());

    const other = { ...ADAPTER, name: "another card" };
    assertEquals((await read(path, other)).choices, undefined);
    assertEquals((await read(path, { ...ADAPTER, vendor: "someone else" })).choices, undefined);
    const theirs = new Map([[KEYS[0], { variant: "naive", milliseconds: {} } as TunedChoice]]);
    await writeChoices(path, other, theirs);
    assertEquals([(await read(path)).choices, (await read(path, other)).choices], [SOME, theirs]);
    // Later choices replace those of the same layers and leave the rest.
    await writeChoices(path, ADAPTER, theirs);
    assertEquals((await read(path)).choices, new Map([...SOME, ...theirs]));
    // Nothing but the file lies there.
    assertEquals([...Deno.readDirSync(path.replace(/[^/]+$/, ""))].map(({ name }) => name), ["tuning.json"]);
  }));

Deno.test("readChoices() does not take what was measured with other kernels, and writeChoices() forgets it", () =>
  withFolder(async (path) => {
    await writeChoices(path, ADAPTER, SOME);
    const version = await kernelVersion();
    assertMatch(version, /^[0-9a-f]{16}$/);
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace(version, "0".repeat(16)));
    assertEquals(await read(path), { choices: undefined, tuned: undefined, lines: [] });
    const [key] = KEYS;
    const fresh = new Map([[key, SOME.get(key)!]]);
    await writeChoices(path, ADAPTER, fresh);
    assertEquals((await read(path)).choices, fresh);
    assert(!(await Deno.readTextFile(path)).includes("0".repeat(16)));
  }));

Deno.test("readChoices() says in one line that a file cannot be used, and goes on without it", () =>
  withFolder(async (path) => {
    await writeChoices(path, ADAPTER, SOME);
    const text = await Deno.readTextFile(path);
    const damaged = [
      ...["", "no JSON", "null", "[]", "{}", text.slice(0, -20), text.replace("choices 1", "choices 2")],
      ...[text.replace(/"variant": "\w+"/, '"variant": "auto"'), text.replace(KEYS[0], "forward 1×8")],
      ...[text.replace('"naive": 2', '"naive": "2"'), text.replace('"tuned": "', '"tuned": 3, "": "')],
    ];
    for (const wrong of damaged) {
      assert(wrong !== text, "nothing was damaged");
      await Deno.writeTextFile(path, wrong);
      const { choices, lines } = await read(path);
      assertEquals([choices, lines.length], [undefined, 1], wrong);
      assertMatch(
        lines[0],
        /^The kernel choices in .*tuning\.json are not used: .* damaged or not of this program$/,
      );
    }
    // It is replaced by the next tuning.
    assertEquals(await writeChoices(path, ADAPTER, SOME), undefined);
    assertEquals((await read(path)).choices, SOME);
    // A folder in its place can be neither read nor written.
    await Deno.remove(path);
    await Deno.mkdir(`${path}/x`, { recursive: true });
    assertMatch((await read(path)).lines.join(), /^The kernel choices in .* are not used: /);
    assertMatch(
      (await writeChoices(path, ADAPTER, SOME))!,
      /^The choices are not kept: cannot write .*tuning\.json/,
    );
  }));

Deno.test({
  name: "choiceCachePath() follows XDG_CACHE_HOME where it is absolute, else the home folder (Linux)",
  ignore: Deno.build.os !== "linux",
  fn() {
    const names = ["XDG_CACHE_HOME", "HOME"];
    const before = names.map((name) => [name, Deno.env.get(name)] as const);
    const pathWith = (...values: (string | undefined)[]) => {
      names.forEach((name, i) =>
        values[i] === undefined ? Deno.env.delete(name) : Deno.env.set(name, values[i])
      );
      return choiceCachePath();
    };
    try {
      assertEquals(pathWith("/c", "/h"), "/c/clairnet/tuning.json");
      for (const none of [undefined, "", "relative"]) {
        assertEquals(pathWith(none, "/h"), "/h/.cache/clairnet/tuning.json");
      }
      assertEquals(pathWith(undefined, undefined), undefined);
    } finally {
      for (const [name, value] of before) {
        value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
      }
    }
  },
});
