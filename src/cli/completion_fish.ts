/** Completion for fish 3 or newer. */
import type { CommandWords } from "./completion_words.ts";

/** The script to be put into fish's folder of completions, or sourced. */
export function fishScript(commands: readonly CommandWords[]): string {
  const groups = commands.map(({ path }) => path).filter((path) => path !== "");
  const lines = commands.flatMap(({ path, commands, options, values }) => {
    const when = `-n ${quoted(`__clairnet_at ${quoted(path)}`)}`;
    return [
      ...commands.map(([name, description]) =>
        `complete -c clairnet ${when} -fa ${name} -d ${quoted(description)}`
      ),
      ...(values ? [`complete -c clairnet ${when} -a ${quoted(values.join(" "))}`] : []),
      ...(commands.length > 0 || path === "completion" ? [`complete -c clairnet ${when} -f`] : []),
      ...options.map(({ flags, description, takesValue, optional, values, files }) => {
        const names = flags.map((flag) =>
          flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`
        );
        const choice = values.length > 0 ? ` -a ${quoted(values.join(" "))}` : "";
        const kind = !takesValue || optional ? "" : files ? " -rF" : " -x";
        return `complete -c clairnet ${when} ${names.join(" ")}${kind}${choice} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# Completion for clairnet in fish: save as ~/.config/fish/completions/clairnet.fish, or source it.
function __clairnet_at
    set -l at ""
    for word in (commandline -opc)[2..]
        set -l longer (string trim -- "$at $word")
        if contains -- $longer ${groups.map(quoted).join(" ")}
            set at $longer
        end
    end
    test "$at" = "$argv[1]"
end
${lines.join("\n")}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
