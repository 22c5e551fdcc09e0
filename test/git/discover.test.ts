import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { discoverRepository, isPlainConfig } from "../../src/git/discover.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

/** What git says of a directory, in the same shape; null where it finds no worktree. */
function askGit(clone: TestRepository, directory: string) {
  const query = ["--show-toplevel", "--git-dir", "--git-common-dir"];
  const answer = clone.tryGit(["-C", directory, "rev-parse", "--path-format=absolute", ...query]);
  if (answer.exitCode !== 0) return null;
  const [topLevel = "", gitDir = "", commonDir = ""] = answer.stdout.trim().split("\n");
  return { topLevel, gitDir, commonDir };
}

/** Places where git's answer is the usual one: files tell it. */
function usualPlaces(clone: TestRepository): string[] {
  const linked = join(clone.path, "..", "linked");
  clone.git("worktree", "add", "-q", "-b", "linked", linked);
  mkdirSync(join(clone.path, "a/b"), { recursive: true });
  symlinkSync(join(clone.path, "a"), join(clone.path, "..", "alias"));
  return [clone.path, join(clone.path, "a/b"), linked, join(clone.path, "..", "alias")];
}

describe("finding the repository from its files", () => {
  test("says what git says, in main and linked worktrees, below them and through links", () => {
    const { clone } = createGround();
    for (const place of usualPlaces(clone)) {
      expect(discoverRepository(place, clone.env), place).toEqual(askGit(clone, place));
      expect(askGit(clone, place), place).not.toBeNull();
    }
  });

  test("and also where worktrees have configurations of their own, and after `init`", () => {
    const { clone } = createGround();
    clone.git("config", "extensions.worktreeConfig", "true");
    clone.bulkhead(["init", "--no-scripts"]);
    for (const place of usualPlaces(clone)) {
      expect(discoverRepository(place, clone.env), place).toEqual(askGit(clone, place));
    }
  });

  test.each<[string, (clone: TestRepository) => unknown]>([
    ["core.worktree", (clone) => clone.git("config", "core.worktree", join(clone.path, ".."))],
    ["core.bare", (clone) => clone.git("config", "core.bare", "true")],
    ["core.bare without a value, written by hand", (clone) => appendTo(clone, "[Core]Bare\n")],
    ["an extension", (clone) => clone.git("config", "extensions.partialClone", "origin")],
    [
      "a worktree in a configuration of its own",
      (clone) => {
        clone.git("config", "extensions.worktreeConfig", "true");
        clone.git("config", "--worktree", "core.worktree", join(clone.path, ".."));
      },
    ],
    ["a format of the future", (clone) => clone.git("config", "core.repositoryformatversion", "2")],
    ["the git directory itself", (clone) => join(clone.path, ".git", "refs")],
    ["no repository", (clone) => join(clone.path, "..")],
    ["a HEAD that is none", (clone) => writeFileSync(join(clone.path, ".git/HEAD"), "nonsense\n")],
    [
      "a git directory that is a link",
      (clone) => {
        renameSync(join(clone.path, ".git"), join(clone.path, "..", "moved.git"));
        symlinkSync("../moved.git", join(clone.path, ".git"));
      },
    ],
  ])("leaves %s to git", (_, prepare) => {
    const { clone } = createGround();
    const given = prepare(clone);
    // Where a place is given, that one is meant.
    const place = typeof given === "string" && given.startsWith("/") ? given : clone.path;
    expect(discoverRepository(place, clone.env)).toBeNull();
  });

  test("leaves a search that the environment bounds to git", () => {
    const { clone } = createGround();
    const env = { ...clone.env, GIT_CEILING_DIRECTORIES: clone.path };
    expect(discoverRepository(clone.path, env)).toBeNull();
  });
});

test("a configuration is plain only where nothing in it could move the worktree, however it is written", () => {
  const usual = '[core]\n\trepositoryformatversion = 0\n\tbare = false\n[remote "origin"]\n\turl = /x\n';
  expect(isPlainConfig(usual)).toBe(true);
  expect(isPlainConfig(`${usual}[extensions]\n\tworktreeConfig = true\n`)).toBe(true);
  expect(isPlainConfig(`${usual}[extensions]\n\tworktreeConfig = true\n[branch "x"]\n\tmerge = y\n`)).toBe(true);
  for (const more of [
    "[core]worktree=/y\n",
    "[CORE]\n  WorkTree = /y\n",
    "[core]\n\tbare\n",
    "[core]\n\tbare = true\n",
    "[extensions]\n\trefStorage = reftable\n",
    "[extensions] noop\n",
    "[extensions]\n\tworktreeConfig = true\n\tpreciousObjects = true\n",
  ]) {
    expect(isPlainConfig(`${usual}${more}`), more).toBe(false);
  }
});

function appendTo(clone: TestRepository, text: string): void {
  writeFileSync(join(clone.path, ".git/config"), `${clone.read(".git/config")}${text}`);
}
