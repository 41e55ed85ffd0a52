import { assert, assertEquals, assertMatch } from "../assert.ts";
import { succeeds } from "../succeeds.ts";
import { linesOf, runCommand } from "./command.ts";

async function script(shell: string): Promise<string> {
  const { code, stdout, stderr } = await runCommand(["completion", shell]);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

/** Runs a shell without anybody's own settings. @returns what it printed. */
async function inShell(shell: string, args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(shell, {
    args: [...args],
    env: { HOME: "/nonexistent", ...env },
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, decoder.decode(stderr));
  return decoder.decode(stdout);
}

const has = (shell: string) => succeeds(shell, ["--version"]);

/** What is typed up to the cursor, some of what must be offered, and some of what must not. */
const TYPED: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["clairnet enh", ["enhance"], ["evaluate"]],
  ["clairnet ", ["enhance", "train", "models", "doctor", "completion"], ["--model"]],
  ["clairnet models ", ["list", "info"], ["enhance"]],
  ["clairnet models info ph", ["photo"], []],
  ["clairnet enhance --form", ["--format"], ["--model"]],
  ["clairnet enhance a.jpg --", ["--strength", "--compare", "--json", "--strip"], ["--epochs"]],
  ["clairnet enhance --format ", ["png", "webp", "avif"], ["photo"]],
  ["clairnet enhance --format w", ["webp"], ["png"]],
  ["clairnet enhance --device ", ["auto", "gpu", "cpu"], ["png"]],
  ["clairnet enhance -m p", ["photo"], ["png"]],
  ["clairnet train --lo", ["--loss"], ["--strength"]],
  ["clairnet train --loss ", ["mse", "l1", "charbonnier", "psnr"], ["png"]],
  ["clairnet completion ", ["bash", "zsh", "fish"], ["enhance"]],
];

function assertOffers(
  typed: string,
  offered: readonly string[],
  wanted: readonly string[],
  not: readonly string[],
) {
  for (const word of wanted) assert(offered.includes(word), `${typed}▮ does not offer ${word}: ${offered}`);
  for (const word of not) assert(!offered.includes(word), `${typed}▮ offers ${word}`);
}

Deno.test({
  name: "completion bash completes commands, options and values in bash",
  ignore: !await has("bash"),
  fn: async () => {
    const source = await script("bash");
    for (const [typed, wanted, not] of TYPED) {
      const call =
        `${source}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _clairnet; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const words = typed.split(" ");
      const printed = await inShell("bash", ["--norc", "-c", call, "bash", ...words]);
      assertOffers(typed, linesOf(printed), wanted, not);
    }
    const registered = await inShell("bash", ["--norc", "-c", `${source}\ncomplete -p clairnet`]);
    assertMatch(registered, /-F _clairnet clairnet/);
  },
});

Deno.test({
  name: "completion fish completes commands, options and values in fish",
  ignore: !await has("fish"),
  fn: async () => {
    const file = await Deno.makeTempFile({ suffix: ".fish" });
    const home = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(file, await script("fish"));
      for (const [typed, wanted, not] of TYPED) {
        const call = `source ${file}; complete -C '${typed}'`;
        const printed = await inShell("fish", ["--no-config", "-c", call], { HOME: home });
        assertOffers(typed, linesOf(printed).map((line) => line.split("\t")[0]), wanted, not);
      }
    } finally {
      await Deno.remove(file);
      await Deno.remove(home, { recursive: true });
    }
  },
});

Deno.test({
  name: "completion zsh completes commands, options and values in zsh",
  ignore: !await has("zsh"),
  fn: async () => {
    const file = await Deno.makeTempFile({ suffix: ".zsh" });
    try {
      await Deno.writeTextFile(file, await script("zsh"));
      for (const [typed, wanted, not] of TYPED) {
        // The functions that would show matches print them instead: zsh completes only in its line editor.
        const call = `
          compadd() { while [[ $# -gt 0 && "$1" != -- ]]; do shift; done; shift; print -rl -- "$@" }
          _files() { }
          _describe() { local -a list; [[ "$1" == -o ]] && shift; list=("\${(@P)2}"); print -rl -- "\${(@)list%%:*}" }
          compdef() { registered="$*" }
          source ${file}
          [[ "$registered" == "_clairnet clairnet" ]] || exit 3
          words=("$@"); CURRENT=$#
          _clairnet
          exit 0`;
        const printed = await inShell("zsh", ["-f", "-c", call, "zsh", ...typed.split(" ")]);
        const prefix = typed.split(" ").at(-1)!;
        // The line editor drops what does not begin as typed.
        assertOffers(typed, linesOf(printed).filter((word) => word.startsWith(prefix)), wanted, not);
      }
    } finally {
      await Deno.remove(file);
    }
  },
});

Deno.test("completion names the shells that it knows, for any other", async () => {
  const { code, stdout, stderr } = await runCommand(["completion", "powershell"]);
  assertEquals([code, stdout, stderr], [
    2,
    "",
    "clairnet: completion takes bash, zsh, fish, got powershell\n",
  ]);
});
