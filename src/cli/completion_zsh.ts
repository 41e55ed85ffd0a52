/** Completion for zsh. */
import type { CommandWords } from "./completion_words.ts";

/** The script, as a file of the function path or to be sourced. */
export function zshScript(commands: readonly CommandWords[]): string {
  const groups = commands.map(({ path }) => path).filter((path) => path !== "");
  const values = commands.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map(({ flags, values, files, optional }) => {
      const pattern = flags.map((flag) => quoted(`${path} ${flag}`)).join("|");
      const actions = [
        ...(values.length > 0 ? [`compadd -- ${values.join(" ")}`] : []),
        ...(files || optional ? ["_files"] : []),
        "return",
      ];
      return `    ${pattern}) ${actions.join("; ")} ;;`;
    })
  );
  const cases = commands.map(({ path, commands, options, values }) => {
    const flags = options.flatMap(({ flags, description }) =>
      flags.map((flag) => quoted(`${flag}:${description}`))
    );
    const named = commands.map(([name, description]) => quoted(`${name}:${description}`));
    const plain = (values ?? []).map(quoted);
    const files = commands.length === 0 && path !== "completion" ? "1" : "";
    return `    ${quoted(path)})
      flags=(${flags.join(" ")})
      names=(${[...named, ...plain].join(" ")})
      files=${files} ;;`;
  });
  return `#compdef clairnet
# Completion for clairnet in zsh: save as _clairnet in a folder of $fpath, or source it after compinit.
_clairnet() {
  local at="" word files
  local -a flags names
  for word in "${"$"}{(@)words[2,CURRENT-1]}"; do
    case "${"$"}{at:+$at }$word" in
      ${groups.map(quoted).join("|")}) at="${"$"}{at:+$at }$word" ;;
    esac
  done
  case "$at $words[CURRENT-1]" in
${values.join("\n")}
  esac
  case "$at" in
${cases.join("\n")}
  esac
  if [[ "$words[CURRENT]" == -* ]]; then
    _describe -o option flags
    return
  fi
  (( $#names )) && _describe command names
  [[ -n "$files" ]] && _files
}
if [[ "$funcstack[1]" == _clairnet ]]; then _clairnet "$@"; else compdef _clairnet clairnet; fi`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
