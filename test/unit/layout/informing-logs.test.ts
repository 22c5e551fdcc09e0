import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseBranchName } from "../../../src/domain/names.ts";
import { newSessionFile } from "../../../src/domain/new-session-file.ts";
import { callingUser } from "../../../src/guard/calling-user.ts";
import { appendBypass, type Bypass, readBypasses } from "../../../src/layout/bypass-log.ts";
import { appendEvent, takeEvents } from "../../../src/layout/event-spool.ts";
import { commonLayout, worktreeLayout } from "../../../src/layout/paths.ts";
import { readSeen, recordSeen } from "../../../src/layout/seen-log.ts";
import { writeSessionFile } from "../../../src/layout/session-file.ts";
import { parseSharedRepository } from "../../../src/layout/sharing.ts";
import { scratchDirectory } from "../../support/scratch.ts";

const sha = "1".repeat(40);
const bypassOf = (command: string): Bypass => ({
  at: "2026-03-01T10:00:00.000Z",
  user: "ada",
  hook: "pre-push",
  command,
  worktree: "/w",
  code: "PUSH_TO_PROTECTED",
  message: "no",
  pid: "1",
});
const eventOf = (note: string) => ({
  type: "guard_bypassed" as const,
  at: "2026-03-01T10:00:00.000Z",
  worktree: "/w",
  data: { note },
});

/** Every log, and what is written to it. */
const LOGS = [
  ["bypassLog", (commonDir: string, text: string) => appendBypass(commonDir, bypassOf(text))],
  ["eventSpool", (commonDir: string, text: string) => appendEvent(commonDir, eventOf(text))],
  ["seenLog", (commonDir: string, text: string) => recordSeen(commonDir, [{ newValue: sha, ref: text }])],
] as const;

describe.each(LOGS)("%s", (name, append) => {
  const place = () => {
    const commonDir = scratchDirectory();
    return { commonDir, log: commonLayout(commonDir)[name] };
  };

  test("never throws where it cannot be written, whatever stands there", () => {
    const { commonDir, log } = place();
    mkdirSync(log, { recursive: true });
    append(commonDir, "directory");
    const other = place();
    writeFileSync(join(other.commonDir, "bulkhead"), "a file");
    append(other.commonDir, "no directory");
    const pipe = place();
    mkdirSync(commonLayout(pipe.commonDir).root);
    spawnSync("mkfifo", [pipe.log]);
    append(pipe.commonDir, "pipe");
    expect(() => [readBypasses(commonDir), readSeen(commonDir), takeEvents(commonDir)]).not.toThrow();
    if (name === "bypassLog") expect(readBypasses(commonDir)).toBe(null);
  });

  test.each([
    ["https://ada:s3cretpass@host/x", "s3cretpass"],
    ["-c http.extraHeader=Authorization:\u0020Bearer\u0020abcdef123456", "abcdef123456"],
    ["ghp_abcdefghij0123456789", "abcdefghij0123456789"],
    ["--token hunter2hunter2", "hunter2hunter2"],
    ["password=hunter2hunter2", "hunter2hunter2"],
    ["\u001b]0;pwned\u0007\u202e\u009b31m", "\u001b"],
  ])("keeps no secret and no escape: %j", (text, forbidden) => {
    const { commonDir, log } = place();
    append(commonDir, text);
    const written = readFileSync(log, "utf8");
    expect(written).not.toContain(forbidden);
    expect(written.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  test.each([
    ["", 0o600],
    ["[core]\n\tsharedRepository = group\n", 0o660],
    ["[core]\n\tsharedrepository = all\n", 0o664],
  ])("has the mode that the clone's sharing asks for, whatever the umask: %j", (config, mode) => {
    const { commonDir, log } = place();
    writeFileSync(join(commonDir, "config"), config);
    const umask = process.umask(0o077);
    append(commonDir, "x");
    process.umask(umask);
    expect((statSync(log).mode & 0o777).toString(8)).toBe(mode.toString(8));
    const directory = statSync(commonLayout(commonDir).root).mode;
    expect((directory & 0o020) !== 0).toBe(mode !== 0o600);
  });
});

test.each([
  ["", 0o600],
  ["[core]\n\tbare = false\n\tsharedRepository = false\n", 0o600],
  ["[core]\n\tsharedRepository = umask\n", 0o600],
  ["[core]\n\tsharedRepository = 1\n", 0o660],
  ["[core]\n\tsharedRepository\n", 0o660],
  ['[core] sharedRepository = "group" ; why\n', 0o660],
  ["[core]\n\tsharedRepository = everybody\n", 0o664],
  ["[CORE]\n\tSHAREDREPOSITORY = 2 # why\n", 0o664],
  ["[core]\n\tsharedRepository = 0640\n", 0o640],
  ["[core]\n\tsharedRepository = group\n\tsharedRepository = umask\n", 0o600],
  ["[bulkhead]\n\tsharedRepository = group\n", 0o600],
  ['[core "x"]\n\tsharedRepository = group\n', 0o600],
])("core.sharedRepository in %j", (config, mode) => {
  expect(parseSharedRepository(config).toString(8)).toBe(mode.toString(8));
});

test("a session file and its traces are shared as the clone is", () => {
  const commonDir = scratchDirectory();
  writeFileSync(join(commonDir, "config"), "[core]\n\tsharedRepository = group\n");
  const gitDir = join(commonDir, "worktrees", "w");
  const topLevel = join(commonDir, "w");
  for (const directory of [gitDir, topLevel]) mkdirSync(directory, { recursive: true });
  writeFileSync(join(gitDir, "commondir"), "../..\n");
  const expectedBranch = parseBranchName("feat/x");
  const content = newSessionFile({ topLevel, mainTop: topLevel, expectedBranch, now: "", hostname: "h" });
  writeSessionFile({ topLevel, gitDir }, content);
  const { sessionCopy, expectedRef } = worktreeLayout(gitDir);
  for (const path of [join(topLevel, ".session.json"), sessionCopy, expectedRef]) {
    expect([path, (statSync(path).mode & 0o777).toString(8)]).toEqual([path, "660"]);
  }
  writeFileSync(join(commonDir, "config"), "");
  writeSessionFile({ topLevel, gitDir }, content);
  expect((statSync(join(topLevel, ".session.json")).mode & 0o777).toString(8)).toBe("600");
  expect(existsSync(sessionCopy)).toBe(true);
});

test("a user is named by the environment, else by the system, else by number", () => {
  const nobody = () => {
    throw new Error("no passwd entry");
  };
  expect(callingUser({ GIT_COMMITTER_NAME: "Ada", USER: "ada" }, nobody)).toBe("Ada");
  expect(callingUser({ USER: "ada" }, nobody)).toBe("ada");
  expect(callingUser({ LOGNAME: "ada", USER: " " }, nobody)).toBe("ada");
  expect(callingUser({}, () => "login")).toBe("login");
  expect(callingUser({}, nobody)).toMatch(/^uid \d+$/);
});
