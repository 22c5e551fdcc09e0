import { expect, test } from "vitest";
import { displayed, printable, printableJson, printableText } from "../../src/domain/printable.ts";

const HOSTILE = "a\u001b[1m\n\u0008\u0007\u007f\u009b\u202e\u2066\u2028b";

test("control characters, line feeds and direction marks become question marks, everything else stays", () => {
  expect(printable("a\tb")).toBe("a\tb");
  expect(printable(HOSTILE)).toBe("a?[1m????????b");
  expect(printable("ümläut 日本 👩‍🚀 عربي")).toBe("ümläut 日本 👩‍🚀 عربي");
});

test("a whole text keeps its line feeds and nothing else that steers a terminal", () => {
  expect(printableText(`one\ntwo\u001b]0;title\u0007 https://me:secret@host/x\n`)).toBe(
    "one\ntwo?]0;title? https://***@host/x\n",
  );
});

test("every text of a document is one line; numbers, null and keys stay", () => {
  expect(displayed({ a: ["x\ny", { b: "\u001b[2J", c: 1, d: null, e: true }] })).toEqual({
    a: ["x?y", { b: "?[2J", c: 1, d: null, e: true }],
  });
});

test("JSON keeps the data but holds no byte that steers a terminal, and no secret", () => {
  const json = printableJson({ text: HOSTILE, url: "https://me:secret@host/x" });
  expect(json).not.toMatch(/[\p{Cc}\p{Zl}\u202e\u2066]/u);
  expect(JSON.parse(json)).toEqual({ text: HOSTILE, url: "https://***@host/x" });
});
