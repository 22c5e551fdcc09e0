import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/domain/sha256.ts";

test("it is Node's own SHA-256, at every length around its blocks and for any text", () => {
  const theirs = (text: string) => createHash("sha256").update(text).digest("hex");
  for (let length = 0; length <= 130; length++) expect(sha256("x".repeat(length))).toBe(theirs("x".repeat(length)));
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 150 }), (text) => {
      expect(sha256(text)).toBe(theirs(text));
    }),
    { numRuns: 30 },
  );
});
