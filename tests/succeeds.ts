/** Runs a program without its output. @returns whether it succeeded; false where there is no such program. */
export async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  try {
    const child = new Deno.Command(command, { args: [...args], stdout: "null", stderr: "null" });
    return (await child.output()).code === 0;
  } catch {
    // A program that is not there throws at once.
    return false;
  }
}
