/** Text from elsewhere, names of files above all, in messages. */

/** Control characters, line and paragraph separators, and the marks that turn the writing direction. */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * A path as it may stand in a message: a name can hold line ends and terminal commands, and these must neither break the line nor
 * reach the terminal. Such a name, and an empty one, is quoted, with escapes as in JSON; all others stay as they are.
 */
export function displayName(path: string): string {
  if (path !== "" && path.search(UNSAFE) < 0) return path;
  return JSON.stringify(path).replaceAll(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A text in which nothing is left that a terminal would obey, but for line ends and tabs. */
export function withoutCommands(text: string): string {
  return text.replaceAll(UNSAFE, (character) => "\n\t".includes(character) ? character : "?");
}
