import { expect, test } from "vitest";
import { printable } from "../../src/domain/printable.ts";

test("control characters and direction marks become question marks, everything else stays", () => {
  expect(printable("a\u001b[1m\n\t\u0007\u007f\u009b\u202e\u2066\u2028b")).toBe("a?[1m????????b");
  expect(printable("ümläut 日本 👩‍🚀 عربي")).toBe("ümläut 日本 👩‍🚀 عربي");
});
