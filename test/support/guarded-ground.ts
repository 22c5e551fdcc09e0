import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { readBypasses } from "../../src/layout/bypass-log.ts";
import type { AvailableGit } from "./gits.ts";
import { createGround, type Finished, type Ground, type TestRepository } from "./repository.ts";
import { exactSessionText } from "./session-texts.ts";

/** A ground whose clone is guarded, with a worktree `work` whose session is on `feat/x`. */
export interface GuardedGround extends Ground {
  readonly work: TestRepository;
}

/** Two commits on the base, so that there is something to go back to; `init` has armed the guard. */
export function guardedGround(git: AvailableGit, ...initArguments: string[]): GuardedGround {
  const ground = createGround(git.bin === undefined ? {} : { git: git.bin });
  ground.clone.commit("second", { "shared.txt": "base\n" });
  arm(ground.clone, ...initArguments);
  return { ...ground, work: ground.clone.addWorktree("work", "feat/x") };
}

export function arm(repository: TestRepository, ...initArguments: string[]): void {
  const { exitCode, stderr } = repository.bulkhead(["init", "--no-scripts", ...initArguments]);
  if (exitCode !== 0) throw new Error(stderr);
}

/** Makes the worktree's session expect the branch, wherever HEAD is. */
export function expectBranch(repository: TestRepository, branch: string): void {
  writeFileSync(join(repository.path, ".session.json"), Buffer.from(exactSessionText(branch), "latin1"));
}

/** Somebody has switched the worktree to a branch of its own with one commit more, made while hooks were off. */
export function switchAway(repository: TestRepository, branch = "astray"): void {
  repository.git("switch", "-q", "-c", branch);
  repository.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", "made astray");
}

/** Runs git and expects the guard to refuse, with no ref moved. @returns what it said */
export function expectRefused(repository: TestRepository, args: string[], env: NodeJS.ProcessEnv = {}): string {
  const before = repository.refs();
  const { exitCode, stderr, stdout } = repository.tryGit(args, { env });
  expect({ args, exitCode: exitCode === 0 ? 0 : "not 0", said: stdout + stderr }).toEqual({
    args,
    exitCode: "not 0",
    said: expect.stringContaining("bulkhead: "),
  });
  expect(repository.refs()).toBe(before);
  return stderr;
}

/** Refused both ways, and nothing else changed either. */
export function expectNoCommit(repository: TestRepository): string {
  const before = repository.snapshot();
  const said = expectRefused(repository, ["commit", "--allow-empty", "-m", "no"]);
  expectRefused(repository, ["commit", "--allow-empty", "--no-verify", "-m", "no"]);
  expect(repository.snapshot()).toBe(before);
  return said;
}

export function expectCommit(repository: TestRepository): void {
  const before = repository.head();
  repository.git("commit", "-q", "--allow-empty", "-m", "yes");
  expect(repository.git("rev-parse", "HEAD~1")).toBe(before);
}

export function subjects(repository: TestRepository, range: string): string[] {
  return repository.git("log", "--format=%s", "--reverse", range).split("\n");
}

export function commonDirectory(repository: TestRepository): string {
  return repository.git("rev-parse", "--path-format=absolute", "--git-common-dir");
}

/** The bypasses on record in the clone. */
export function bypasses(repository: TestRepository) {
  return readBypasses(commonDirectory(repository)) ?? [];
}

/** Has every start of the full guard counted, by a program that stands in for node and runs it. @returns the count */
export function countFullGuards({ clone, directory }: Ground): () => number {
  const log = join(directory, "started");
  const program = join(directory, "counting-node");
  writeFileSync(log, "");
  writeFileSync(program, `#!/bin/sh\necho started >>'${log}'\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 });
  const conf = join(commonDirectory(clone), "bulkhead", "guard.conf");
  const text = readFileSync(conf, "utf8");
  writeFileSync(conf, text.replace(/^node=.*$/m, `node='${program}'`));
  return () => readFileSync(log, "utf8").split("\n").filter(Boolean).length;
}

export function failure({ exitCode, stdout, stderr }: Finished): string | null {
  return exitCode === 0 ? null : `${stdout}${stderr}`;
}
