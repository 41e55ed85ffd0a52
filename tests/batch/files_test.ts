import { join } from "node:path";
import { enhancePhoto } from "../../src/enhance/enhancer.ts";
import { enhanceFiles, type FileResult } from "../../src/batch/files.ts";
import { type TileNetwork, TileTooLargeError } from "../../src/enhance/network.ts";
import { decodePhoto } from "../../src/image/decode.ts";
import { encodePhoto } from "../../src/image/encode.ts";
import type { PhotoFormat } from "../../src/image/photo.ts";
import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertMatch, assertRejects, isUserError } from "../assert.ts";
import { randomPhoto, swappedProfile } from "../image/photos.ts";
import { functionNetwork } from "../enhance/networks.ts";
import { inFolder, put, topology } from "./folder.ts";

const status = (results: readonly FileResult[]) => results.map((result) => result.status);

function listing(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) =>
    entry.isDirectory
      ? listing(join(folder, entry.name), `${prefix}${entry.name}/`)
      : [`${prefix}${entry.name}`]
  ).sort();
}

Deno.test("enhanceFiles() enhances a tree into another one and goes on after broken photos", () =>
  inFolder(async (folder, network) => {
    const photos = [1, 2, 3].map((seed) => randomPhoto({ seed: 120 + seed, width: 40, height: 30 }));
    await put(`${folder}/in/a.png`, { ...photos[0], icc: swappedProfile() });
    await put(`${folder}/in/deep/b.tif`, photos[1], "tiff");
    await put(`${folder}/in/z.png`, photos[2]);
    await Deno.writeTextFile(`${folder}/in/broken.jpg`, "no photo");
    let loads = 0;
    const seen: FileResult[] = [];
    const options = {
      output: `${folder}/out`,
      recursive: true,
      onResult: (result: FileResult) => void seen.push(result),
      network: () => {
        loads++;
        return Promise.resolve(network);
      },
    };
    const results = await enhanceFiles([`${folder}/in`, `${folder}/none.png`], options);
    assertEquals(seen, results);
    assertEquals(loads, 1);
    assertEquals(status(results), ["done", "failed", "done", "done", "failed"]);
    assertMatch(results[1].error!, /^Cannot read .*broken\.jpg: not a photo in a known format[^\n]*$/);
    assertMatch(results[4].error!, /^Cannot read .*none\.png: there is no such file$/);
    assertEquals(listing(`${folder}/out`), ["a.png", "deep/b.tif", "z.png"]);
    for (const [i, name] of [[0, "a.png"], [1, "deep/b.tif"], [2, "z.png"]] as const) {
      const written = await decodePhoto(await Deno.readFile(`${folder}/out/${name}`));
      assertEquals(written.rgb, (await enhancePhoto(photos[i], network)).rgb);
      assert(written.rgb.some((value, k) => value !== photos[i].rgb[k]));
    }
    assertEquals((await decodePhoto(await Deno.readFile(`${folder}/out/a.png`))).icc, swappedProfile());

    const again = await enhanceFiles([`${folder}/in/z.png`], { ...options, output: `${folder}/out/` });
    assertEquals([status(again), loads], [["skipped"], 1]);
    const shards = [];
    for (const index of [1, 2]) {
      shards.push(
        await enhanceFiles([`${folder}/in`], {
          ...options,
          overwrite: true,
          shard: { index, count: 2 },
        }),
      );
    }
    assertEquals(shards.map(status), [["done", "done"], ["failed", "done"]]);
  }));

Deno.test("enhanceFiles() pipes standard input to standard output in the photo's own format", () =>
  inFolder(async (_, network) => {
    for (const format of ["png", "jpeg", "webp", "avif"] as const) {
      const photo = randomPhoto({ seed: 130, width: 25, height: 18, texture: "smooth" });
      const bytes = await encodePhoto(photo, { format });
      const written: Uint8Array[] = [];
      const results = await enhanceFiles(["-"], {
        network: () => Promise.resolve(network),
        stdin: new Blob([bytes as BlobPart]).stream(),
        stdout: new WritableStream({ write: (chunk) => void written.push(chunk) }),
      });
      assertEquals(status(results), ["done"]);
      const back = await decodePhoto(new Uint8Array(await new Blob(written as BlobPart[]).arrayBuffer()));
      assertEquals([back.width, back.height, back.format], [25, 18, format === "avif" ? "heif" : format]);
    }
  }));

Deno.test("enhanceFiles() takes a quality where one format has it, notes it where a pipe's has none, and refuses it where none has", () =>
  inFolder(async (folder, network) => {
    const photo = randomPhoto({ seed: 133, width: 64, height: 48 });
    const options = { overwrite: true, output: `${folder}/out/`, network: () => Promise.resolve(network) };
    for (const format of ["jpeg", "png", "tiff"] as const) {
      await put(`${folder}/in/a.${format}`, photo, format);
    }
    const bytes = async (quality: number) => {
      const results = await enhanceFiles([`${folder}/in`], { ...options, quality });
      assertEquals(results.map(({ status, notes }) => [status, notes]), Array(3).fill(["done", []]));
      return (await Deno.stat(`${folder}/out/a.jpeg`)).size;
    };
    assert(await bytes(20) < await bytes(90) / 2);
    await assertRejects(
      enhanceFiles([`${folder}/in/a.png`, `${folder}/in/a.tiff`], { ...options, quality: 90 }),
      (error) => {
        assert(error instanceof UserError && error.exitCode === 2);
        assertMatch(
          error.message,
          /^Cannot enhance: --quality is for jpg, webp and avif, png and tiff lose nothing: /,
        );
        return true;
      },
    );
    const piped = async (format: PhotoFormat) => {
      const stdin = new Blob([await encodePhoto(photo, { format }) as BlobPart]).stream();
      const stdout = new WritableStream<Uint8Array>();
      return (await enhanceFiles(["-"], { network: options.network, quality: 90, stdin, stdout }))[0].notes;
    };
    assertEquals(await piped("tiff"), ["tiff loses nothing: --quality is for jpg, webp and avif"]);
    assertEquals(await piped("webp"), []);
  }));

Deno.test("enhanceFiles() writes a comparison sheet, notes what is lost, and leaves the source alone", () =>
  inFolder(async (folder, network) => {
    const photo = randomPhoto({ seed: 131, width: 60, height: 45, bits: 16, alpha: true });
    await put(`${folder}/p.png`, photo);
    const source = await Deno.readFile(`${folder}/p.png`);
    const [result] = await enhanceFiles([`${folder}/p.png`], {
      network: () => Promise.resolve(network),
      format: "jpeg",
      quality: 80,
      compare: "sheet",
    });
    assertEquals(result.status, "done");
    assertEquals([result.width, result.height], [60, 45]);
    assertEquals(listing(folder), ["p-enhanced-compare.png", "p-enhanced.jpg", "p.png"]);
    assertEquals(result.compare, `${folder}/p-enhanced-compare.png`);
    assertMatch(result.notes.join("; "), /jpeg holds 8 bits.*; jpeg has no transparency/);
    assertEquals(await Deno.readFile(`${folder}/p.png`), source);
  }));

Deno.test("enhanceFiles() writes the comparison before the photo, so that a rerun makes both where one is missing", () =>
  inFolder(async (folder, network) => {
    for (const name of ["a.png", "b.png"]) {
      await put(`${folder}/in/${name}`, randomPhoto({ seed: 137, width: 30, height: 20 }));
    }
    const sheet = `${folder}/out/a-compare.png`;
    const run = (whileWorking: () => Promise<void> = async () => {}) =>
      enhanceFiles([`${folder}/in`], {
        ...{ output: `${folder}/out`, compare: "sheet", threads: 0 },
        network: async () => {
          await whileWorking();
          return network;
        },
      });
    // Where the comparison should go a folder comes to be.
    const first = await run(() => Deno.mkdir(`${sheet}/taken`, { recursive: true }));
    assertEquals(status(first), ["failed", "done"]);
    assertMatch(first[0].error!, /^Cannot write [^\n]*a-compare\.png: it is a folder$/);
    assertEquals(listing(`${folder}/out`), ["b-compare.png", "b.png"]);
    await Deno.remove(sheet, { recursive: true });
    assertEquals(status(await run()), ["done", "skipped"]);
    const drawn = await Deno.readFile(sheet);
    // As a run that was killed between the two leaves it.
    await Deno.remove(`${folder}/out/a.png`);
    await Deno.writeTextFile(sheet, "of other options");
    assertEquals(status(await run()), ["done", "skipped"]);
    assertEquals(await Deno.readFile(sheet), drawn);
    assertEquals(listing(`${folder}/out`), ["a-compare.png", "a.png", "b-compare.png", "b.png"]);
  }));

Deno.test("enhanceFiles() replaces the source only with overwrite", () =>
  inFolder(async (folder, network) => {
    const photo = randomPhoto({ seed: 132, width: 20, height: 20 });
    await put(`${folder}/p.png`, photo);
    const options = { network: () => Promise.resolve(network), output: `${folder}/p.png` };
    await assertRejects(enhanceFiles([`${folder}/p.png`], options), UserError);
    assertEquals((await decodePhoto(await Deno.readFile(`${folder}/p.png`))).rgb, photo.rgb);
    const results = await enhanceFiles([`${folder}/p.png`], { ...options, overwrite: true });
    assertEquals(status(results), ["done"]);
    const written = await decodePhoto(await Deno.readFile(`${folder}/p.png`));
    assertEquals(written.rgb, (await enhancePhoto(photo, network)).rgb);
  }));

Deno.test("enhanceFiles() keeps what is written while it runs, and says so", () =>
  inFolder(async (folder) => {
    for (const name of ["a.png", "b.png", "c.png"]) {
      await put(`${folder}/in/${name}`, randomPhoto({ seed: 136, width: 20, height: 16 }));
    }
    for (const threads of [0, 1]) {
      const output = `${folder}/out-${threads}`;
      const worked: string[] = [];
      // While the first is worked on, somebody writes its result and the next one's.
      const network = functionNetwork(async (tile) => {
        await Deno.mkdir(output, { recursive: true });
        for (const name of ["a.png", "b.png"]) await Deno.writeTextFile(`${output}/${name}`, "precious");
        return tile.slice();
      });
      const results = await enhanceFiles([`${folder}/in`], {
        ...{ output, threads, network: () => Promise.resolve(network) },
        onStart: ({ input }) => void worked.push(input),
      });
      assertEquals(status(results), ["skipped", "skipped", "done"]);
      const note = "something else has written it while this call ran: that is kept";
      assertEquals(results.map(({ notes }) => notes), [[note], [note], []]);
      assertEquals(worked, ["a.png", "c.png"].map((name) => `${folder}/in/${name}`));
      for (const name of ["a.png", "b.png"]) {
        assertEquals(await Deno.readTextFile(`${output}/${name}`), "precious");
      }
      assertEquals(listing(output), ["a.png", "b.png", "c.png"]);
    }
  }));

Deno.test("enhanceFiles() throws when the network cannot be loaded or the signal stops it, and leaves no file", () =>
  inFolder(async (folder, network) => {
    await put(`${folder}/p.png`, randomPhoto({ seed: 133, width: 300, height: 200 }));
    const refusal = new UserError("There is no model x");
    await assertRejects(
      enhanceFiles([`${folder}/p.png`], { network: () => Promise.reject(refusal) }),
      refusal,
    );
    const controller = new AbortController();
    await assertRejects(
      enhanceFiles([`${folder}/p.png`], {
        network: () => Promise.resolve(network),
        tile: 64,
        signal: controller.signal,
        onProgress: (done) => done === 2 && controller.abort(new Error("stopped")),
      }),
      /^Error: stopped$/,
    );
    assertEquals(listing(folder), ["p.png"]);
  }));

/** Of a photo that is found to be in vain before. */
const noNetwork = () => Promise.reject(new Error("the network was asked for"));

Deno.test("enhanceFiles() refuses before any work where no result can be written", () =>
  inFolder(async (folder, network) => {
    for (const name of ["a.png", "b.png"]) {
      await put(`${folder}/in/${name}`, randomPhoto({ seed: 138, width: 20, height: 16 }));
    }
    const refusal = isUserError(
      /^Cannot enhance: no file can be made in [^\n]*a\.png[^\n]*: a part of its path is /,
    );
    for (const output of [`${folder}/in/a.png/x.png`, `${folder}/in/a.png/deeper/x.png`]) {
      await assertRejects(enhanceFiles([`${folder}/in/b.png`], { output, network: noNetwork }), refusal);
    }
    await assertRejects(
      enhanceFiles([`${folder}/in`], { output: `${folder}/in/a.png/out/`, network: noNetwork }),
      refusal,
    );
    const [missing] = await enhanceFiles([`${folder}/in/a.png/c.png`], { network: noNetwork });
    assertMatch(missing.error!, /^Cannot read [^\n]*c\.png: /);
    // Where others can be written, those that cannot fail one by one.
    await Deno.mkdir(`${folder}/tree/deep`, { recursive: true });
    for (const name of ["a.png", "deep/b.png"]) {
      await Deno.copyFile(`${folder}/in/b.png`, `${folder}/tree/${name}`);
    }
    await Deno.mkdir(`${folder}/out`);
    await Deno.writeTextFile(`${folder}/out/deep`, "a file");
    const started: number[] = [];
    const results = await enhanceFiles([`${folder}/tree`], {
      ...{ output: `${folder}/out`, recursive: true, threads: 0, network: () => Promise.resolve(network) },
      onStart: (_, index) => void started.push(index),
    });
    assertEquals([status(results), started], [["done", "failed"], [0]]);
    assertMatch(results[1].error!, /^Cannot write [^\n]*out\/deep\/b\.png: a part of its path is no folder$/);
    assertEquals(listing(`${folder}/out`), ["a.png", "deep"]);
  }));

Deno.test("enhanceFiles() fails a photo that is too large for its format when enlarged, before the network works on it", () =>
  inFolder(async (folder) => {
    await put(`${folder}/p.png`, randomPhoto({ seed: 139, width: 8200, height: 2 }));
    for (const format of ["webp", "avif"] as const) {
      const [failed] = await enhanceFiles([`${folder}/p.png`], { scale: 2, format, network: noNetwork });
      assertEquals(failed.status, "failed");
      assertMatch(
        failed.error!,
        /^Cannot write \w+: it holds at most 1638\d pixels a side, .* 16400×4; use /,
      );
    }
    assertEquals(listing(folder), ["p.png"]);
  }));

Deno.test("enhanceFiles() stopped while it waits for standard input lets go of it", () =>
  inFolder(async (_, network) => {
    const controller = new AbortController();
    let cancelled: unknown;
    const stdin = new ReadableStream<Uint8Array>({
      pull: () => controller.abort(new Error("stopped")),
      cancel: (reason) => void (cancelled = reason),
    }, { highWaterMark: 0 });
    await assertRejects(
      enhanceFiles(["-"], {
        ...{ stdin, stdout: new WritableStream(), signal: controller.signal },
        network: () => Promise.resolve(network),
      }),
      /^Error: stopped$/,
    );
    assertEquals(cancelled, controller.signal.reason);
  }));

Deno.test("enhanceFiles() says what failed photos took, stage by stage", () =>
  inFolder(async (folder, network) => {
    for (const name of ["a.png", "b.png"]) {
      await put(`${folder}/in/${name}`, randomPhoto({ seed: 134, width: 60, height: 50 }));
    }
    await Deno.writeTextFile(`${folder}/in/broken.jpg`, "no photo");
    // A folder where the photo should go.
    await Deno.mkdir(`${folder}/out/b.png/taken`, { recursive: true });
    for (const threads of [0, 1]) {
      const results = await enhanceFiles([`${folder}/in`], {
        ...{ output: `${folder}/out`, overwrite: true, threads },
        network: () => Promise.resolve(network),
      });
      assertEquals(status(results), ["done", "failed", "failed"], JSON.stringify(results));
      const stages = results.map(({ stages }) => Object.keys(stages!));
      assertEquals(stages[1], stages[0]);
      assertEquals(stages[2], ["read", "decode"]);
      for (const { seconds, stages } of results) {
        assert(seconds > 0);
        assertEquals(seconds, Object.values(stages!).reduce((sum, each) => sum + each, 0));
      }
    }
    const thrown = {
      ...{ topology, device: "test", preferredTile: 64, [Symbol.dispose]() {} },
      run: () => Promise.reject(new Error("this network never works")),
    };
    const [failed] = await enhanceFiles([`${folder}/in/a.png`], {
      ...{ output: `${folder}/c.png`, network: () => Promise.resolve(thrown) },
    });
    assertEquals([failed.status, Object.keys(failed.stages!)], [
      "failed",
      ["read", "decode", "prepare", "tiles", "upload", "network", "download"],
    ]);
  }));

Deno.test("enhanceFiles() reads a photo again whose tiles no longer fit when it is half done", () =>
  inFolder(async (folder, network) => {
    const photo = randomPhoto({ seed: 135, width: 150, height: 140 });
    await put(`${folder}/p.png`, photo);
    let runs = 0;
    const scarce: TileNetwork = {
      ...{ topology, device: "test", preferredTile: 64, [Symbol.dispose]() {} },
      run: (tile, height, width) => {
        // Memory for four large tiles, and for all small ones.
        if (width > 40 && ++runs > 4) throw new TileTooLargeError("no memory left");
        return network.run(tile, height, width);
      },
    };
    let worked = 0;
    const [result] = await enhanceFiles([`${folder}/p.png`], {
      network: () => Promise.resolve(scarce),
      onWorked: () => void worked++,
    });
    assertEquals([result.status, worked], ["done", 1], result.error ?? "");
    const written = await decodePhoto(await Deno.readFile(`${folder}/p-enhanced.png`));
    assertEquals(written.rgb, (await enhancePhoto(photo, network, { tile: 32 })).rgb);
  }));
