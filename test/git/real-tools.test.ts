import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { arm } from "../support/guarded-ground.ts";
import { readProbe } from "../support/hook-managers.ts";
import { createGround, type TestRepository } from "../support/repository.ts";
import { addTools, hasTool } from "../support/tools.ts";

/** A clone that knows the tools of others; not armed yet. */
function groundWithTools() {
  const { clone, origin, directory } = createGround();
  addTools(clone);
  clone.env.PROBE = join(directory, "probe");
  return { clone, origin };
}

function expectRefusedPush(clone: TestRepository): void {
  const { exitCode, stderr } = clone.tryGit(["push", "origin", "HEAD:refs/heads/release"]);
  expect([exitCode === 0, stderr]).toEqual([false, expect.stringContaining("'release' is protected")]);
}

describe.runIf(hasTool("git-lfs"))("git-lfs itself", () => {
  /** Files of which git-lfs keeps the content, as the remote has them. */
  const uploaded = (origin: TestRepository): number => {
    const objects = join(origin.path, "lfs", "objects");
    const names = existsSync(objects) ? readdirSync(objects, { recursive: true }).map(String) : [];
    return names.filter((name) => /[0-9a-f]{64}$/.test(name)).length;
  };
  const commitLarge = (clone: TestRepository, content: string) => clone.commit("large", { "large.bin": content });
  const lfsCheck = (clone: TestRepository) => {
    const { json } = clone.bulkheadJson<{ checks: { name: string; state: string }[] }>(["doctor"]);
    return json.checks.find(({ name }) => name === "git-lfs")?.state ?? "none";
  };
  /** git-lfs sets its filter up for the user; without any hook. */
  const trackLarge = (clone: TestRepository) => {
    clone.git("lfs", "install", "--skip-repo");
    clone.git("lfs", "track", "*.bin");
    clone.commit("attributes", { ".gitattributes": clone.read(".gitattributes") });
  };

  test("installed before init: what it uploads is uploaded", () => {
    const { clone, origin } = groundWithTools();
    clone.git("lfs", "install", "--local");
    trackLarge(clone);
    arm(clone, "--protect", "release");
    commitLarge(clone, "first");
    clone.git("push", "-q", "origin", "main");
    expect(uploaded(origin)).toBe(1);
    expectRefusedPush(clone);
  });

  test("tracking after init: a push says that nothing uploads, doctor fails, and what it names mends it", () => {
    const { clone, origin } = groundWithTools();
    arm(clone, "--protect", "release");
    trackLarge(clone);
    commitLarge(clone, "first");
    const { exitCode, stderr } = clone.tryGit(["push", "-q", "origin", "main"]);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("git lfs update --force")]);
    expect([uploaded(origin), lfsCheck(clone)]).toEqual([0, "failed"]);
    expect(clone.tryGit(["lfs", "install", "--local"]).exitCode).not.toBe(0);
    clone.git("lfs", "update", "--force");
    commitLarge(clone, "second");
    expectRefusedPush(clone);
    const pushed = clone.tryGit(["push", "-q", "origin", "main"]);
    expect([pushed.exitCode, pushed.stderr]).toEqual([0, expect.not.stringContaining("bulkhead")]);
    clone.git("lfs", "push", "--all", "origin");
    expect([uploaded(origin), lfsCheck(clone)]).toEqual([2, "none"]);
    const hooks = ["post-checkout", "post-commit", "post-merge", "pre-push"];
    for (const hook of hooks) expect(clone.read(`.git/hooks/${hook}`)).toContain(`git lfs ${hook}`);
    // Its next update finds its own, behind ours, and leaves all as it is.
    clone.git("lfs", "update", "--force");
    clone.commit("noticed again");
    expectRefusedPush(clone);
    expect(readdirSync(join(clone.path, ".git/hooks")).filter((name) => /\d$|old|legacy/.test(name))).toEqual([]);
    expect(clone.bulkhead(["init", "--remove"]).exitCode).toBe(0);
    commitLarge(clone, "third");
    clone.git("push", "-q", "origin", "main");
    expect(uploaded(origin)).toBe(3);
  });
});

describe.runIf(hasTool("prek"))("prek itself", () => {
  const probe = (stage: string) => `      - id: ${stage}
        name: ${stage}
        language: system
        entry: sh -c 'echo prek ${stage} >>"$PROBE"'
        always_run: true
        pass_filenames: false
        stages: [${stage}]
`;
  function configured() {
    const ground = groundWithTools();
    const config = `repos:\n  - repo: local\n    hooks:\n${probe("pre-commit")}${probe("pre-push")}`;
    ground.clone.commit("configured", { ".pre-commit-config.yaml": config });
    ground.clone.git("push", "-q", "origin", "main");
    return ground;
  }
  const install = (clone: TestRepository) => clone.run("prek", ["install", "-t", "pre-commit", "-t", "pre-push"]);
  const said = (clone: TestRepository) => readProbe(clone.env.PROBE ?? "");

  test("installed before init: runs once, behind the guard", () => {
    const { clone } = configured();
    install(clone);
    arm(clone, "--protect", "release");
    clone.commit("checked");
    expectRefusedPush(clone);
    clone.git("push", "-q", "origin", "main");
    expect(said(clone)).toEqual(["prek pre-commit", "prek pre-push"]);
  });

  test("installed after init: every protected push is refused from the very first, and it runs once", () => {
    const { clone } = configured();
    arm(clone, "--protect", "release");
    install(clone);
    expectRefusedPush(clone);
    clone.commit("checked");
    expectRefusedPush(clone);
    clone.git("push", "-q", "origin", "main");
    expect(said(clone)).toEqual(["prek pre-commit", "prek pre-push"]);
    install(clone);
    expectRefusedPush(clone);
    clone.commit("again");
    clone.git("push", "-q", "origin", "main");
    expect(said(clone)).toEqual(["prek pre-commit", "prek pre-push", "prek pre-commit", "prek pre-push"]);
    expect(clone.bulkhead(["init", "--remove"]).exitCode).toBe(0);
    clone.commit("without us");
    expect(said(clone).slice(4)).toEqual(["prek pre-commit"]);
  });

  test("a linked worktree that is on the wrong branch is refused before it runs", () => {
    const { clone } = configured();
    arm(clone);
    install(clone);
    const work = clone.addWorktree("work", "feat/x");
    work.git("switch", "-q", "-c", "astray");
    const { exitCode, stderr } = work.tryGit(["commit", "--allow-empty", "-m", "no"]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("Branch mismatch detected!")]);
    expect(said(clone)).toEqual([]);
  });
});
