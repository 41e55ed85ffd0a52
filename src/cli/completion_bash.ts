/** Completion for bash 4 or newer. */
import type { CommandWords } from "./completion_words.ts";

/** The script to be sourced. Only words made by us stand in it, none of which holds a quote. */
export function bashScript(commands: readonly CommandWords[]): string {
  const groups = commands.map(({ path }) => path).filter((path) => path !== "");
  const values = commands.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).flatMap(({ flags, values, files, optional }) => {
      const pattern = flags.map((flag) => `"${path} ${flag}"`).join("|");
      const action = `_clairnet_words "${values.join(" ")}"${files ? " files" : ""}`;
      return values.length === 0 && !files ? [`    ${pattern}) return ;;`] : [
        `    ${pattern}) ${action}${
          optional ? `; [[ ${"$"}{#COMPREPLY[@]} -gt 0 ]] && return` : "; return"
        } ;;`,
      ];
    })
  );
  const cases = commands.map(({ path, commands, options, values }) => {
    const flags = options.flatMap(({ flags }) => flags).join(" ");
    const words = commands.length > 0 ? commands.map(([name]) => name).join(" ") : (values ?? []).join(" ");
    const files = commands.length === 0 && path !== "completion" ? " files" : "";
    return `    "${path}") flags="${flags}"; words="${words}"; files="${files.trim()}" ;;`;
  });
  return `# Completion for clairnet in bash: source this file, or put it where bash-completion looks.
_clairnet_words() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
  # Readline then completes files itself, with the right quotes for names that need them.
  if [[ "$2" == files ]]; then compopt -o default 2>/dev/null; fi
}
_clairnet() {
  local current="${"$"}{COMP_WORDS[COMP_CWORD]}" previous="${"$"}{COMP_WORDS[COMP_CWORD-1]}"
  local path="" word i flags words files
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${"$"}{COMP_WORDS[i]}"
    case "${"$"}{path:+$path }$word" in
      ${groups.map((path) => `"${path}"`).join("|")}) path="${"$"}{path:+$path }$word" ;;
    esac
  done
  case "$path $previous" in
${values.join("\n")}
  esac
  case "$path" in
${cases.join("\n")}
  esac
  if [[ "$current" == -* ]]; then _clairnet_words "$flags"; else _clairnet_words "$words" "$files"; fi
}
complete -F _clairnet clairnet`;
}
