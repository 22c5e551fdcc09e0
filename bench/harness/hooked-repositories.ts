import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseBranchName } from "../../src/domain/names.ts";
import { commonLayout } from "../../src/layout/paths.ts";
import { writeSessionFile } from "../../src/layout/session-file.ts";
import type { AvailableGit } from "../../test/support/gits.ts";
import { createGround, type TestRepository } from "../../test/support/repository.ts";

/** The ways to have hooks, or none, that benches compare. */
export const HOOKED = {
  "no hook": () => {},
  "empty sh hooks": emptyShHooks,
  "husky running true": husky,
  "lefthook running true": lefthook,
  "empty Node hook": emptyNodeHook,
  Bulkhead: bulkhead,
} as const satisfies Record<string, (repository: TestRepository) => void>;

export type Hooked = keyof typeof HOOKED;

/** A small repository on branch `main` with its hooks in place: `fill` adds content before there are any. */
export function hookedRepository(
  hooked: Hooked,
  git: AvailableGit,
  fill: (repository: TestRepository) => void = () => {},
): TestRepository {
  const { clone } = createGround(git.bin === undefined ? {} : { git: git.bin });
  // Housekeeping would fall on one contender in one round.
  clone.git("config", "gc.auto", "0");
  clone.git("config", "maintenance.auto", "false");
  fill(clone);
  HOOKED[hooked](clone);
  return clone;
}

/** Milliseconds that one git takes, from its start to its end. @throws Error when it fails */
export function timeGit(repository: TestRepository, args: string[]): number {
  const start = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync("git", args, {
    cwd: repository.path,
    env: repository.env,
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  const took = Number(process.hrtime.bigint() - start) / 1e6;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`git ${args.join(" ")} exited ${status}:\n${stderr}`);
  return took;
}

/** Runs git past every hook: for putting a repository back between rounds. */
export function gitWithoutHooks(repository: TestRepository, ...args: string[]): string {
  return repository.git("-c", "core.hooksPath=/dev/null", ...args);
}

function bulkhead(repository: TestRepository): void {
  const { exitCode, stderr } = repository.bulkhead(["init"]);
  if (exitCode !== 0) throw new Error(`bulkhead init exited ${exitCode}:\n${stderr}`);
  // A session at work on the branch that it expects: the case that happens all day.
  writeSessionFile(
    { topLevel: repository.path, gitDir: join(repository.path, ".git") },
    {
      session: "bench",
      expectedBranch: parseBranchName(repository.branch()),
      createdAt: new Date().toISOString(),
      hostname: "bench",
      repoRoot: repository.path,
    },
  );
}

/** Hooks that do nothing, under the very names that Bulkhead arms, in a directory like its own. */
function emptyShHooks(repository: TestRepository): void {
  const { clone: armed } = createGround();
  bulkhead(armed);
  const names = readdirSync(commonLayout(join(armed.path, ".git")).hooks).filter((name) => !name.includes("."));
  const directory = join(repository.path, ".git", "empty-hooks");
  mkdirSync(directory);
  for (const name of names) writeFileSync(join(directory, name), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  repository.git("config", "core.hooksPath", directory);
}

function husky(repository: TestRepository): void {
  repository.run(process.execPath, [fileURLToPath(import.meta.resolve("husky")).replace(/index\.js$/, "bin.js")]);
  repository.write(".husky/pre-commit", "true\n");
}

function lefthook(repository: TestRepository): void {
  repository.write("lefthook.yml", "pre-commit:\n  jobs:\n    - run: 'true'\n");
  repository.run(fileURLToPath(new URL("../../node_modules/.bin/lefthook", import.meta.url)), ["install"]);
}

function emptyNodeHook(repository: TestRepository): void {
  const hook = join(repository.path, ".git", "hooks", "pre-commit");
  writeFileSync(hook, "#!/usr/bin/env node\n", { mode: 0o755 });
}
