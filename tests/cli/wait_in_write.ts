/**
 * Loaded before the command line (`deno run --preload`), makes the process wait in the midst of a write, where the file would be flushed,
 * until the file `go-on` is in the working directory, and says so by the file `waiting`: whoever watches cannot miss that moment, however fast
 * or slow the machine is.
 * The variable WAIT_IN_WRITE tells which write it is, counted from 1.
 */
const wanted = Number(Deno.env.get("WAIT_IN_WRITE"));
let writes = 0;

const sync = Deno.FsFile.prototype.sync;
Deno.FsFile.prototype.sync = async function () {
  if (++writes === wanted) {
    await Deno.writeTextFile("waiting", "");
    while (await Deno.stat("go-on").then(() => false, () => true)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  return await sync.call(this);
};
