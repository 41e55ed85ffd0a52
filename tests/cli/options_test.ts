import { assertEquals, assertThrows } from "../assert.ts";
import { folderPath, numberBetween, positiveNumber, shard, wholeNumber } from "../../src/cli/options.ts";

Deno.test("folderPath() leaves out slashes at the end alone", () => {
  assertEquals(["runs/a/", "runs/a", "a//", "/", "./", "../b/c///", "C:\\", "C:\\a\\"].map(folderPath), [
    ...["runs/a", "runs/a", "a", "/", ".", "../b/c", "C:\\", "C:\\a"],
  ]);
});

Deno.test("wholeNumber() and numberBetween() take their ends and nothing past them, no blanks and no words", () => {
  const whole = wholeNumber("--n", 2, 5);
  assertEquals(["2", "5", "3e0", " 4"].map(whole), [2, 5, 3, 4]);
  for (const text of ["1", "6", "2.5", "", " ", "two", "NaN", "Infinity"]) {
    assertThrows(() => whole(text), { message: `--n must be a whole number from 2 to 5, got ${text}` });
  }
  const share = numberBetween("--x", 0, 1);
  assertEquals(["0", "1", "0.25", "1e-3"].map(share), [0, 1, 0.25, 0.001]);
  for (const text of ["-0.1", "1.01", "", "half", "NaN"]) {
    assertThrows(() => share(text), { message: `--x must be a number from 0 to 1, got ${text}` });
  }
});

Deno.test("positiveNumber() takes what is above 0, and no more than its end", () => {
  const size = positiveNumber("--n", 100);
  assertEquals(["100", "1e-9", " 2.5"].map(size), [100, 1e-9, 2.5]);
  for (const text of ["0", "-0", "-1", "100.1", "", " ", "NaN", "Infinity", "many"]) {
    assertThrows(() => size(text), { message: `--n must be a number above 0, at most 100, got ${text}` });
  }
});

Deno.test("shard() reads I/N with I from 1 to N", () => {
  assertEquals(shard("1/1"), { index: 1, count: 1 });
  assertEquals(shard("7/12"), { index: 7, count: 12 });
  for (const text of ["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "-1/2"]) {
    assertThrows(() => shard(text), { message: `--shard must be I/N with I from 1 to N, got ${text}` });
  }
});
