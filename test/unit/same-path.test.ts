import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { comparablePath, isInside, isSamePath } from "../../src/files/same-path.ts";
import { scratchDirectory } from "../support/scratch.ts";

describe("on Windows", () => {
  test.each([
    ["C:\\x\\y", "C:/x/y"],
    ["C:/x", "c:/X"],
    ["C:\\x\\", "C:/x"],
    ["\\\\server\\share", "//server/share"],
  ])("%s is %s", (a, b) => {
    expect(comparablePath(a, true)).toBe(comparablePath(b, true));
  });
});

test("elsewhere case and backslashes count", () => {
  expect(comparablePath("/x/Y", false)).not.toBe(comparablePath("/x/y", false));
  expect(comparablePath("/x\\y", false)).not.toBe(comparablePath("/x/y", false));
  expect(comparablePath("/", false)).toBe("/");
});

test.runIf(process.platform !== "win32")(
  "a place is the same by whatever link it is reached; what is gone by its name",
  () => {
    const root = scratchDirectory();
    mkdirSync(join(root, "real"));
    symlinkSync(join(root, "real"), join(root, "link"));
    expect(isSamePath(join(root, "real"), `${join(root, "link")}/`)).toBe(true);
    expect(isSamePath(join(root, "real"), join(root, "gone"))).toBe(false);
    expect(isSamePath(join(root, "gone"), join(root, "gone"))).toBe(true);
    expect([
      isInside(join(root, "link", "a"), join(root, "link")),
      isInside(join(root, "really"), join(root, "real")),
    ]).toEqual([true, false]);
  },
);
