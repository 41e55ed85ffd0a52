/** Lines on standard error about files that were left out. */
import { displayName } from "../base/display_name.ts";
import { oneLine } from "../base/errors.ts";
import { EARLIER_RESULT } from "../image/earlier_result.ts";
import { complain } from "./messages.ts";

/** Prints which file was left out, and why, on one line. */
function complainOfSkipped(
  { name, reason }: { readonly name: string; readonly reason: string },
): void {
  complain(`skipped ${displayName(name)}: ${oneLine(reason)}`);
}

/** Files left out that are named on the terminal. */
const NAMED = 20;

/** Prints which files were left out, and why; of many the first, and all results of `enhance` on one line. @param rest where the others can be seen. */
export function complainOfAllSkipped(
  files: readonly { readonly name: string; readonly reason: string }[],
  rest = "",
): void {
  const earlier = files.filter(({ reason }) => reason === EARLIER_RESULT);
  const others = earlier.length > 1 ? files.filter(({ reason }) => reason !== EARLIER_RESULT) : files;
  others.slice(0, NAMED).forEach(complainOfSkipped);
  if (others.length > NAMED) complain(`skipped ${others.length - NAMED} more${rest}`);
  if (earlier.length > 1) {
    const first = displayName(earlier[0].name);
    complain(
      `skipped ${earlier.length} results of enhance, which lie beside their photos, the first ${first}`,
    );
  }
}
