import { describe, expect, test, vi } from "vitest";
import { availableGits, isAtLeast } from "../support/gits.ts";
import { createGround } from "../support/repository.ts";
import { scratchDirectory } from "../support/scratch.ts";

describe.each(availableGits())("the $name git", (git) => {
  test("is the one that a ground made with it runs, for its own commands too", () => {
    const { clone } = createGround(git.bin === undefined ? {} : { git: git.bin });
    expect(clone.git("version")).toContain(git.version);
    clone.git("config", "alias.inner", "!git version");
    expect(clone.git("inner")).toContain(git.version);
  });

  test("is at least the oldest that Bulkhead supports", () => {
    expect(isAtLeast(git, "2.38")).toBe(true);
    expect(isAtLeast(git, "99.0")).toBe(false);
  });
});

test("a directory without a git is an error, not the system's git under another name", () => {
  vi.stubEnv("BULKHEAD_CURRENT_GIT", scratchDirectory());
  expect(() => availableGits()).toThrow("holds no git");
  vi.unstubAllEnvs();
});
