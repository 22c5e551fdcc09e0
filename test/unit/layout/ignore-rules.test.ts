import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureIgnored, IGNORE_RULES, missingIgnoreRules } from "../../../src/layout/ignore-rules.ts";
import { createGround } from "../../support/repository.ts";
import { scratchDirectory } from "../../support/scratch.ts";

function excludeFile(content: string | Buffer): { commonDir: string; path: string } {
  const commonDir = scratchDirectory();
  mkdirSync(join(commonDir, "info"));
  const path = join(commonDir, "info", "exclude");
  writeFileSync(path, content);
  return { commonDir, path };
}

test("missing lines are appended behind what stands there, byte for byte", () => {
  const before = Buffer.from([0x23, 0xff, 0xfe, 0x0d, 0x0a, 0x2a, 0x2e, 0x6f]);
  const { commonDir, path } = excludeFile(before);
  expect(ensureIgnored(commonDir)).toEqual([...IGNORE_RULES]);
  const after = readFileSync(path);
  expect(after.subarray(0, before.length)).toEqual(before);
  expect(after.subarray(before.length).toString()).toBe(`\n${IGNORE_RULES.join("\n")}\n`);
});

test("a second call changes nothing", () => {
  const { commonDir, path } = excludeFile("# mine\n");
  ensureIgnored(commonDir);
  const once = readFileSync(path);
  expect(ensureIgnored(commonDir)).toEqual([]);
  expect(readFileSync(path)).toEqual(once);
});

test("only what is missing is added, whatever the line ends", () => {
  expect(missingIgnoreRules(Buffer.from(".session.json\r\n/.worktrees/  \n"))).toEqual([
    ".worktree.json",
    ".sessions/",
  ]);
  expect(missingIgnoreRules(Buffer.from("# .session.json\n.session.json.bak\n"))).toEqual([...IGNORE_RULES]);
});

test("a missing info directory is made", () => {
  const commonDir = scratchDirectory();
  ensureIgnored(commonDir);
  expect(readFileSync(join(commonDir, "info", "exclude"), "utf8")).toBe(`${IGNORE_RULES.join("\n")}\n`);
});

test("the file keeps its mode, and a link stays a link", () => {
  const { commonDir, path } = excludeFile("");
  const target = join(commonDir, "kept-elsewhere");
  writeFileSync(target, "*.o\n", { mode: 0o640 });
  execFileSync("rm", [path]);
  symlinkSync(target, path);
  ensureIgnored(commonDir);
  expect(readFileSync(target, "utf8")).toContain(".session.json");
  expect(statSync(target).mode & 0o777).toBe(0o640);
});

test("git ignores the files in the main checkout and in a linked worktree", () => {
  const { clone } = createGround();
  const linked = clone.addWorktree("other", "feat/x");
  ensureIgnored(join(clone.path, ".git"));
  for (const worktree of [clone, linked]) {
    for (const file of [".session.json", ".worktree.json", ".worktrees/a/b", ".sessions/a/b"])
      worktree.write(file, "x");
    expect(worktree.git("status", "--porcelain")).toBe("");
  }
});
