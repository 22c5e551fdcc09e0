import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemLibrary } from "../../../src/store/sqlite/library.ts";
import { scratchDirectory } from "../../support/scratch.ts";

test("a program's C library is read from its header, and unknown where that names none or two", () => {
  const path = join(scratchDirectory(), "program");
  const named = (header: string) => {
    writeFileSync(path, `\x7fELF\0\0${header}\0`);
    return systemLibrary(path);
  };
  expect(named("/lib64/ld-linux-x86-64.so.2")).toBe("gnu");
  expect(named("/lib/ld-musl-aarch64.so.1")).toBe("musl");
  expect(named("")).toBeNull();
  expect(named("/lib64/ld-linux-x86-64.so.2\0/lib/ld-musl-x86_64.so.1")).toBeNull();
  expect(systemLibrary(`${path}-missing`)).toBeNull();
});
