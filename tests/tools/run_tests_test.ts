import { dealt } from "../../tools/run_tests.ts";
import { isDebianKin } from "../../tools/run_tests/prepare.ts";
import { closingLine, readSummary } from "../../tools/run_tests/summary.ts";
import { assertEquals } from "../assert.ts";

Deno.test("readSummary() reads deno test's summary, colours and steps included", () => {
  assertEquals(readSummary("a ... ok (1ms)\n\nok | 3 passed | 0 failed (14ms)\n"), {
    passed: 3,
    failed: 0,
    skipped: 0,
  });
  assertEquals(
    readSummary(
      "\x1b[0m\x1b[31mFAILED\x1b[0m | 1 passed (2 steps) | 2 failed (1 step) | 1 ignored \x1b[0m(64ms)\n",
    ),
    { passed: 1, failed: 2, skipped: 1 },
  );
  assertEquals(readSummary("ok | 2 passed | 0 failed | 9 filtered out (3ms)\n"), {
    passed: 2,
    failed: 0,
    skipped: 0,
  });
});

Deno.test("readSummary() takes the last one, so that a test's own output cannot stand in for it", () => {
  assertEquals(readSummary("ok | 9 passed | 0 failed\nFAILED | 1 passed | 1 failed (2ms)\n")?.failed, 1);
});

Deno.test("readSummary() is undefined when no test ran", () => {
  assertEquals(readSummary("error: Type checking failed.\n"), undefined);
});

Deno.test("closingLine() adds up, and is undefined where a run did not get to its tests", () => {
  const [a, b] = [{ passed: 3, failed: 0, skipped: 0 }, { passed: 4, failed: 2, skipped: 0 }];
  assertEquals(closingLine([a, b]), "7 passed, 2 failed");
  assertEquals(closingLine([a, { ...b, skipped: 5 }]), "7 passed, 2 failed, 5 skipped");
  assertEquals(closingLine([a, undefined]), undefined);
  assertEquals(closingLine([]), undefined);
});

Deno.test("dealt() gives every file to one group, neighbours to different ones", () => {
  assertEquals(dealt(["a", "b", "c", "d", "e"], 2), [["a", "d"], ["b", "e"], ["c"]]);
  assertEquals(dealt([], 2), []);
});

Deno.test("isDebianKin() knows Debian and its descendants from others", () => {
  assertEquals(isDebianKin('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n'), true);
  assertEquals(isDebianKin('NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n'), true);
  assertEquals(isDebianKin('NAME="Fedora Linux"\nID=fedora\nHOME_URL="https://debian.example"\n'), false);
  assertEquals(isDebianKin(""), false);
});
