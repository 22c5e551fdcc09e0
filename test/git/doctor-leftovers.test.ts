import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DOCTOR_EMAIL } from "../../src/domain/doctor-marker.ts";
import { listFiles } from "../support/file-listing.ts";
import { createGround, type TestRepository } from "../support/repository.ts";
import { scratchDirectory } from "../support/scratch.ts";

/** A clone that is set up. Its temporary directory is its own: what is left there is seen. */
function createClone(): { clone: TestRepository; temporary: string; state: () => unknown } {
  const { clone, directory } = createGround();
  const temporary = join(directory, "tmp");
  mkdirSync(temporary);
  clone.env.TMPDIR = temporary;
  expect(clone.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
  const state = () => ({
    snapshot: clone.snapshot(),
    worktrees: clone.git("worktree", "list", "--porcelain"),
    files: listFiles(join(clone.path, ".git"), ["objects", "index", "packed-refs", "seen.log"]),
    temporary: readdirSync(temporary),
  });
  return { clone, temporary, state };
}

const branches = (clone: TestRepository) => join(clone.path, ".git/refs/heads/bulkhead-doctor");
const worktrees = (clone: TestRepository) => join(clone.path, ".git/worktrees");

/** When a doctor is stopped: what is there by then. */
const MOMENTS: [moment: string, reached: (clone: TestRepository, temporary: string) => boolean][] = [
  ["its directory is made", (_, temporary) => readdirSync(temporary).length > 0],
  ["its branches are made", (clone) => existsSync(branches(clone))],
  ["its worktree is made", (clone) => existsSync(worktrees(clone))],
  [
    "it has fired a round",
    (_, temporary) => readdirSync(temporary).some((name) => existsSync(join(temporary, name, "trace"))),
  ],
];

/** Starts a doctor and sends it a signal once the moment has come. */
async function stopAt(clone: TestRepository, moment: () => boolean, signal: NodeJS.Signals) {
  const { child, finished } = clone.startBulkhead(["doctor"]);
  while (!moment() && child.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
  child.kill(signal);
  return finished;
}

test.each(MOMENTS)("stopped when %s, it leaves nothing", async (_, reached) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const { clone, temporary, state } = createClone();
    const before = state();
    const { exitCode } = await stopAt(clone, () => reached(clone, temporary), signal);
    expect(exitCode).not.toBe(0);
    expect(state()).toEqual(before);
  }
});

test.each(MOMENTS)("killed when %s, the next one leaves nothing", async (_, reached) => {
  const { clone, temporary, state } = createClone();
  const before = state();
  await stopAt(clone, () => reached(clone, temporary), "SIGKILL");
  expect(readdirSync(temporary)).toHaveLength(1);
  // Its last git may still be at work, and end only after the next doctor has cleared up: then the one after that does.
  const next = () => (clone.bulkhead(["doctor"]).exitCode === 0 ? state() : null);
  await expect.poll(next, { timeout: 150_000 }).toEqual(before);
});

test("killed, and the temporary directory is swept or another one by the next time", async () => {
  const { clone, temporary, state } = createClone();
  const before = state();
  await stopAt(clone, () => existsSync(worktrees(clone)), "SIGKILL");
  const elsewhere = scratchDirectory();
  const next = (env: NodeJS.ProcessEnv) => (clone.bulkhead(["doctor"], { env }).exitCode === 0 ? state() : null);
  await expect.poll(() => next({ TMPDIR: elsewhere }), { timeout: 60_000 }).toEqual(before);
  await stopAt(clone, () => existsSync(worktrees(clone)), "SIGKILL");
  spawnSync("rm", ["-r", ...readdirSync(temporary).map((name) => join(temporary, name))]);
  await expect.poll(() => next({}), { timeout: 60_000 }).toEqual(before);
});

test("what only looks like a doctor's is left alone, and stops nobody", () => {
  const { clone, temporary } = createClone();
  const gone = 2 ** 22 + 12_345;
  const put = (name: string, files: Record<string, string>) => {
    mkdirSync(join(temporary, name));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(temporary, name, file), text);
  };
  const mark = (commonDir: string, prefix: string) => JSON.stringify({ commonDir, prefix, pid: gone });
  put(`bulkhead-doctor-${gone}-mine`, { "notes.txt": "mine" });
  put(`bulkhead-doctor-${gone}-other`, { "doctor.json": mark("/elsewhere/.git", "bulkhead-doctor/1-00000000") });
  put(`bulkhead-doctor-${gone}-odd`, { "doctor.json": mark(join(clone.path, ".git"), "main") });
  put(`bulkhead-doctor-${gone}-bad`, { "doctor.json": "{" });
  put(`bulkhead-doctor-${gone}-locked`, { kept: "" });
  put("bulkhead-doctor-notes", {});
  const locked = join(temporary, `bulkhead-doctor-${gone}-locked`);
  chmodSync(locked, 0o000);
  // Another user's, where the tests may make one.
  if (process.getuid?.() === 0) spawnSync("chown", ["54321:54321", locked]);
  const home = scratchDirectory();
  writeFileSync(join(home, "doctor.json"), mark(join(clone.path, ".git"), `bulkhead-doctor/${gone}-00000000`));
  symlinkSync(home, join(temporary, `bulkhead-doctor-${gone}-link`));
  // A person's branch of such a name, and a doctor's own whose worktree is gone.
  clone.git("branch", `bulkhead-doctor/${gone}-0123abcd/work`);
  const identity = Object.fromEntries(["AUTHOR", "COMMITTER"].map((who) => [`GIT_${who}_EMAIL`, DOCTOR_EMAIL]));
  const trial = clone.run("git", ["commit-tree", "HEAD^{tree}", "-m", "trial"], { env: identity }).stdout.trim();
  clone.git("branch", `bulkhead-doctor/${gone}-0123abcd/side`, trial);
  clone.git("branch", "bulkhead-doctor/mine", trial);
  const names = readdirSync(temporary).sort();
  const { exitCode, stderr } = clone.bulkhead(["doctor"]);
  chmodSync(locked, 0o700);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(readdirSync(temporary).sort()).toEqual(names);
  expect(readFileSync(join(temporary, `bulkhead-doctor-${gone}-mine/notes.txt`), "utf8")).toBe("mine");
  expect(readdirSync(home)).toEqual(["doctor.json"]);
  expect(clone.git("for-each-ref", "--format=%(refname)", "refs/heads/bulkhead-doctor")).toBe(
    [`refs/heads/bulkhead-doctor/${gone}-0123abcd/work`, "refs/heads/bulkhead-doctor/mine"].join("\n"),
  );
});
