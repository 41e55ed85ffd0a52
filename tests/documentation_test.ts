import { fileURLToPath } from "node:url";
import { assertEquals } from "./assert.ts";

/** What `deno doc --json` says of an export, as far as it is used here. */
interface Declaration {
  readonly kind: string;
  readonly def?: Definition;
  readonly jsDoc?: Remarks;
}
interface Definition {
  readonly properties?: readonly Member[];
  readonly methods?: readonly Member[];
}
interface Member {
  readonly name: string;
  readonly accessibility?: string;
  readonly jsDoc?: Remarks;
}
interface Remarks {
  readonly doc?: string;
  readonly tags?: readonly { readonly kind: string; readonly doc?: string }[];
}

/** Every export of what users import, by name: its declarations (a function has one for each overload). */
async function publicExports(): Promise<Map<string, Declaration[]>> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "mod.ts", "native.ts"],
    cwd: fileURLToPath(new URL("../", import.meta.url)),
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
    nodes: Record<string, { symbols: { name: string; declarations: Declaration[] }[] }>;
  };
  const found = new Map<string, Declaration[]>();
  for (const { name, declarations } of Object.values(nodes).flatMap(({ symbols }) => symbols)) {
    // native.ts names some types of mod.ts again.
    const own = declarations.filter(({ kind }) => kind !== "reference");
    if (own.length > 0) found.set(name, [...found.get(name) ?? [], ...own]);
  }
  return found;
}

const hasExample = (declarations: readonly Declaration[]) =>
  declarations.some(({ jsDoc }) =>
    jsDoc?.tags?.some(({ kind, doc }) => kind === "example" && doc?.includes("```ts"))
  );
const isType = (declarations: readonly Declaration[]) =>
  declarations.every(({ kind }) => kind === "interface" || kind === "typeAlias");

Deno.test("every exported function, class and constant has an example, and every exported type is shown by one", async () => {
  const exports = await publicExports();
  const values = [...exports].filter(([, declarations]) => !isType(declarations));
  assertEquals(values.filter(([, declarations]) => !hasExample(declarations)).map(([name]) => name), []);

  // A type is shown where it has an example of its own, or where something takes or gives it that is shown.
  const shown = new Set(
    [...exports].filter(([, declarations]) => hasExample(declarations)).map(([name]) => name),
  );
  for (const name of shown) {
    for (const [, type] of JSON.stringify(exports.get(name)).matchAll(/"typeName":"(\w+)"/g)) {
      if (exports.has(type)) shown.add(type);
    }
  }
  assertEquals([...exports.keys()].filter((name) => !shown.has(name)), []);
});

Deno.test("every export says what it is, and so does every member of it", async () => {
  const silent: string[] = [];
  for (const [name, declarations] of await publicExports()) {
    if (!declarations.some(({ jsDoc }) => jsDoc?.doc)) silent.push(name);
    const members = declarations.flatMap(({ def }) => [...def?.properties ?? [], ...def?.methods ?? []])
      .filter(({ accessibility }) => accessibility !== "private");
    for (const member of new Set(members.map((each) => each.name))) {
      const said = members.some(({ name, jsDoc }) => name === member && (jsDoc?.doc || jsDoc?.tags));
      if (!said) silent.push(`${name}.${member}`);
    }
  }
  assertEquals(silent, []);
});
