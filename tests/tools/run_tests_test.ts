import { closingLine, isDebianKin } from "../../tools/run_tests.ts";
import { assertEquals } from "../assert.ts";

Deno.test("closingLine() reads deno test's summary, colours and steps included", () => {
  assertEquals(closingLine("a ... ok (1ms)\n\nok | 3 passed | 0 failed (14ms)\n"), "3 passed, 0 failed");
  assertEquals(
    closingLine(
      "\x1b[0m\x1b[31mFAILED\x1b[0m | 1 passed (2 steps) | 2 failed (1 step) | 1 ignored \x1b[0m(64ms)\n",
    ),
    "1 passed, 2 failed, 1 skipped",
  );
  assertEquals(closingLine("ok | 2 passed | 0 failed | 9 filtered out (3ms)\n"), "2 passed, 0 failed");
});

Deno.test("closingLine() takes the last summary, so that a test's own output cannot stand in for it", () => {
  assertEquals(
    closingLine("ok | 9 passed | 0 failed\nFAILED | 1 passed | 1 failed (2ms)\n"),
    "1 passed, 1 failed",
  );
});

Deno.test("closingLine() is undefined when no test ran", () => {
  assertEquals(closingLine("error: Type checking failed.\n"), undefined);
});

Deno.test("isDebianKin() knows Debian and its descendants from others", () => {
  assertEquals(isDebianKin('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n'), true);
  assertEquals(isDebianKin('NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n'), true);
  assertEquals(isDebianKin('NAME="Fedora Linux"\nID=fedora\nHOME_URL="https://debian.example"\n'), false);
  assertEquals(isDebianKin(""), false);
});
