/** What docs/JSON.md promises of each command's --json. */
import { Ajv2020 } from "npm:ajv@8.17.1/dist/2020.js";
import { assert } from "../assert.ts";

/** The schemas of docs/JSON.md by command. */
export const SCHEMAS = new Map<string, unknown>();
for (
  const section of (await Deno.readTextFile(new URL("../../docs/JSON.md", import.meta.url))).split("\n## ")
    .slice(1)
) {
  const block = /```json\n(.*?)```/s.exec(section);
  if (block) SCHEMAS.set(section.split("\n")[0], JSON.parse(block[1]));
}
SCHEMAS.set("dataset build", SCHEMAS.get("dataset info"));

/** Parses the one document of `command --json`, and holds it to its schema. */
export function assertFits(command: string, text: string): unknown {
  const value = JSON.parse(text);
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  const check = ajv.compile(SCHEMAS.get(command) as object);
  assert(check(value), `${command}: ${ajv.errorsText(check.errors)}\n${text.slice(0, 2000)}`);
  return value;
}
