import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readBypasses } from "../../src/layout/bypass-log.ts";
import { availableGits } from "../support/gits.ts";
import { commonDirectory, guardedGround } from "../support/guarded-ground.ts";
import type { Finished, TestRepository } from "../support/repository.ts";

/** No entry in any passwd file. */
const STRANGER = 54_321;
const isRoot = process.getuid?.() === 0;

/**
 * Runs git as a user without a passwd entry who owns the clone; where tests do not run as root, as this user. Who sees
 * only files that are not to be read or written cannot tell the difference.
 */
function asStranger(repository: TestRepository, args: string[], env: NodeJS.ProcessEnv = {}): Finished {
  const { status, stdout, stderr } = spawnSync("git", args, {
    cwd: repository.path,
    env: { ...repository.env, ...env },
    encoding: "utf8",
    ...(isRoot ? { uid: STRANGER, gid: STRANGER } : {}),
  });
  return { exitCode: status, stdout, stderr };
}

/** Another user's file: it can be neither read nor written. */
function foreignFile(path: string): void {
  writeFileSync(path, "");
  chmodSync(path, 0o000);
}

describe.each(availableGits())("on git $version", (git) => {
  function ground() {
    const made = guardedGround(git);
    // Asked for now: later the clone is another user's, and git does not answer the tests' own user there.
    const commonDir = commonDirectory(made.clone);
    const home = join(commonDir, "bulkhead");
    if (isRoot) spawnSync("chown", ["-R", `${STRANGER}:${STRANGER}`, made.directory]);
    const onRecord = () => readBypasses(commonDir) ?? [];
    return { ...made, log: (name: string) => join(home, name), onRecord };
  }
  /** Without a name in the environment: git takes it from the configuration, the guard from git, else it has only the number. */
  const nameless = { GIT_COMMITTER_NAME: undefined, GIT_AUTHOR_NAME: undefined };
  const config = ["-c", "user.name=Stranger"];

  test("logs that belong to another user hold up nothing, and nothing is said of them", () => {
    const { work, clone, log } = ground();
    for (const name of ["seen.log", "bypass.log", "events.spool"]) foreignFile(log(name));
    if (isRoot) spawnSync("chown", ["0:0", log("seen.log"), log("bypass.log"), log("events.spool")]);
    const quiet = { exitCode: 0, stderr: "" };
    for (const place of [work, clone]) {
      expect(asStranger(place, [...config, "commit", "-q", "--allow-empty", "-m", "x"], nameless)).toMatchObject(quiet);
      expect(asStranger(place, ["branch", "made-here"])).toMatchObject(place === work ? quiet : {});
      expect(asStranger(place, ["push", "-q", "origin", "HEAD"])).toMatchObject(quiet);
    }
    switchAwayAs(work);
    const skipped = asStranger(work, [...config, "commit", "-q", "--allow-empty", "-m", "x"], {
      ...nameless,
      SKIP_BRANCH_GUARD: "1",
    });
    expect(skipped.exitCode).toBe(0);
    for (const line of skipped.stderr.trim().split("\n")) expect(line).toMatch(/^bulkhead: SKIP_BRANCH_GUARD is set/);
    expect(skipped.stderr).toContain("not recorded");
  });

  function switchAwayAs(work: TestRepository): void {
    const { exitCode } = asStranger(work, ["switch", "-q", "-c", "astray"]);
    expect(exitCode).toBe(0);
  }

  test("a user without a passwd entry may bypass, and is put on record", () => {
    const { work, onRecord } = ground();
    switchAwayAs(work);
    const env = { ...nameless, SKIP_BRANCH_GUARD: "1" };
    const { exitCode, stderr } = asStranger(work, [...config, "commit", "-q", "--allow-empty", "-m", "x"], env);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("let pass and recorded"),
    });
    expect(onRecord().map(({ user }) => user)).toEqual([expect.stringMatching(/^(Stranger|uid \d+)$/)]);
  });
});
