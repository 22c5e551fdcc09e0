import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { availableGits } from "../support/gits.ts";
import { countFullGuards, expectBranch, expectNoCommit, guardedGround } from "../support/guarded-ground.ts";
import { readProbe, runHusky, setUpManager, writeHook } from "../support/hook-managers.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

const says = (what: string) => `echo ${what} >>"$PROBE"\n`;

function groundWithProbe() {
  const { clone, directory } = createGround();
  const path = join(directory, "probe");
  clone.env.PROBE = path;
  const probe = () => {
    const lines = readProbe(path);
    rmSync(path, { force: true });
    return lines;
  };
  const init = () => expect(clone.bulkhead(["init", "--no-scripts"])).toMatchObject({ exitCode: 0, stderr: "" });
  return { clone, directory, probe, init };
}

/** Refuses on a wrong branch, and runs nobody's hooks then. */
function expectGuarded(worktree: TestRepository): void {
  const own = existsSync(join(worktree.path, ".session.json")) ? worktree.read(".session.json") : null;
  expectBranch(worktree, "elsewhere");
  const { exitCode, stderr } = worktree.tryGit(["commit", "--allow-empty", "-m", "no"]);
  expect([exitCode === 0, stderr]).toEqual([false, expect.stringContaining("Expected 'elsewhere'")]);
  if (own === null) rmSync(join(worktree.path, ".session.json"));
  else worktree.write(".session.json", own);
}

function commit(worktree: TestRepository): void {
  worktree.git("commit", "-q", "--allow-empty", "-m", "right");
}

describe("a hooks path that is set elsewhere", () => {
  test("/dev/null: init and doctor go on, and the guard stands", () => {
    const { clone, init } = groundWithProbe();
    clone.git("config", "core.hooksPath", "/dev/null");
    init();
    expectGuarded(clone);
    expect(clone.bulkhead(["doctor"]).exitCode).toBe(0);
  });

  test("in config.worktree, which git copies into a worktree made later: guarded there, and the user's hooks run", () => {
    const { clone, probe, init } = groundWithProbe();
    clone.git("config", "extensions.worktreeConfig", "true");
    writeHook(clone, "own/pre-commit", says("own"));
    clone.commit("own hooks");
    clone.git("config", "--worktree", "core.hooksPath", "own");
    init();
    const later = clone.addWorktree("later", "feat/later");
    probe();
    expectGuarded(later);
    expect(probe()).toEqual([]);
    commit(later);
    expect(probe()).toEqual(["own"]);
    expect(clone.bulkhead(["init", "--remove"]).exitCode).toBe(0);
    const config = readFileSync(join(later.git("rev-parse", "--absolute-git-dir"), "config.worktree"), "utf8");
    expect(config).not.toContain("bulkhead");
    commit(later);
    expect(probe()).toEqual(["own"]);
  });

  test("in config.worktree after init: told by guard --check and status, and armed again by start", () => {
    const { clone, probe, init } = groundWithProbe();
    init();
    clone.git("config", "extensions.worktreeConfig", "true");
    const work = clone.addWorktree("work", "feat/work");
    work.git("config", "--worktree", "core.hooksPath", "tools");
    writeHook(work, "tools/pre-commit", says("tools"));
    expectBranch(work, "elsewhere");
    const check = work.bulkheadJson(["guard", "--check"]);
    expect([check.exitCode, check.json]).toEqual([1, expect.objectContaining({ verdict: "unguarded" })]);
    expect(work.bulkhead(["status"]).stdout).toContain("guard     OFF");
    rmSync(join(work.path, ".session.json"));
    expect(work.bulkheadJson(["start", "ITEM-1"]).json).toMatchObject({ guard: { state: "rearmed" } });
    expectGuarded(work);
    commit(work);
    expect(probe()).toEqual(["tools"]);
    expect(work.bulkheadJson(["status"]).json).toMatchObject({ guard: { state: "armed" } });
  });

  test("globally, by a company that changes it after init: the next push uses the new one", () => {
    const { clone, directory, probe, init } = groundWithProbe();
    const company = clone.at(directory);
    for (const name of ["old", "new"]) writeHook(company, `${name}/pre-push`, `cat >/dev/null\n${says(name)}`);
    clone.git("config", "--global", "core.hooksPath", join(directory, "old"));
    init();
    clone.commit("one");
    clone.git("push", "-q", "origin", "main");
    clone.git("config", "--global", "core.hooksPath", join(directory, "new"));
    clone.commit("two");
    probe();
    clone.git("push", "-q", "origin", "main");
    expect(probe()).toEqual(["new"]);
  });

  test.each([
    ["runs", '"$hook" "$@"'],
    ["becomes", 'exec "$hook" "$@"'],
    ["pipes into", 'cat | "$hook" "$@"'],
    ["runs by another shell", 'sh -c \'"$@"\' sh "$hook" "$@"'],
  ])("a dispatcher that %s whatever git's hooks path names ends", (_, call) => {
    const { clone, directory, probe, init } = groundWithProbe();
    for (const name of ["pre-commit", "pre-push", "commit-msg"]) {
      const hook = `hook=$(git rev-parse --git-path hooks)/${name}\n[ "$hook" -ef "$0" ] || [ ! -x "$hook" ] || ${call}\n`;
      writeHook(clone.at(directory), `company/${name}`, says(name) + hook);
    }
    clone.git("config", "--global", "core.hooksPath", join(directory, "company"));
    init();
    probe();
    commit(clone);
    expect(probe()).toEqual(["pre-commit", "commit-msg"]);
    clone.git("push", "-q", "origin", "main");
    expect(probe()).toEqual(["pre-push"]);
  });

  test("a user's hook that commits by itself is guarded and chained again", () => {
    const { clone, probe, init } = groundWithProbe();
    const again = "git log -1 --format=%s | grep -q again || git commit -q --allow-empty -m again\n";
    writeHook(clone, ".git/hooks/post-commit", says("post-commit") + again);
    init();
    commit(clone);
    expect(probe()).toEqual(["post-commit", "post-commit"]);
  });
});

describe("one clone at two places", () => {
  /** The clone as a container sees it: at another path, and not at the first one. */
  function seenElsewhere(clone: TestRepository): { there: TestRepository; back: () => void } {
    const there = clone.at(join(dirname(clone.path), "inside", "mounted"));
    there.at(dirname(clone.path)).run("mkdir", ["-p", "inside"]);
    renameSync(clone.path, there.path);
    return { there, back: () => renameSync(there.path, clone.path) };
  }

  test("armed at one, the user's own hooks run at the other; armed at both, it stays armed at both", () => {
    const { clone, probe, init } = groundWithProbe();
    writeHook(clone, ".git/hooks/pre-commit", says("own"));
    init();
    const { there, back } = seenElsewhere(clone);
    commit(there);
    expect(probe()).toEqual(["own"]);
    expect(there.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
    expectGuarded(there);
    commit(there);
    expect(probe()).toEqual(["own"]);
    back();
    expectGuarded(clone);
    commit(clone);
    expect(probe()).toEqual(["own"]);
    expect(clone.bulkheadJson(["init", "--no-scripts"]).json).toMatchObject({ state: "unchanged" });
    expect(clone.bulkhead(["init", "--remove"]).exitCode).toBe(0);
    expect(readFileSync(join(clone.path, ".git/config"), "utf8")).not.toContain("gitconfig");
    expect(existsSync(join(clone.path, ".git/bulkhead"))).toBe(false);
  });

  test.each(["a 'quoted' [path]", 'with "double" and * in it', "with\na line break"])("a place called %j", (name) => {
    const { clone } = createGround({ cloneName: name });
    expect(clone.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
    expectGuarded(clone);
    expectGuarded(clone.addWorktree("linked", "feat/linked"));
  });

  test("a copy runs the user's own hooks, and armed it touches nothing of the original", () => {
    const { clone, directory, probe, init } = groundWithProbe();
    writeHook(clone, ".git/hooks/pre-commit", says("own"));
    clone.git("config", "extensions.worktreeConfig", "true");
    writeHook(clone, "own/pre-commit", says("worktrees"));
    clone.git("config", "--worktree", "core.hooksPath", "own");
    const work = clone.addWorktree("work", "feat/work");
    init();
    rmSync(join(work.path, ".session.json"));
    rmSync(join(work.git("rev-parse", "--absolute-git-dir"), "bulkhead-worktree"), { recursive: true });
    const copy = clone.at(join(directory, "copy"));
    cpSync(clone.path, copy.path, { recursive: true });
    expectBranch(copy, "elsewhere");
    probe();
    commit(copy);
    expect(probe()).toEqual(["worktrees"]);
    expect(copy.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
    expectNoCommit(copy);
    expect(existsSync(join(work.path, ".session.json"))).toBe(false);
    expect(copy.bulkhead(["init", "--remove"]).exitCode).toBe(0);
    expectGuarded(clone);
  });
});

describe("husky away from its checkout", () => {
  function huskyGround() {
    const ground = groundWithProbe();
    setUpManager(ground.clone, "husky");
    ground.init();
    ground.probe();
    return ground;
  }

  test.each(["9", "8"])("a script of husky %s that reads husky.sh runs in a linked worktree", (version) => {
    const { clone, probe, init } = huskyGround();
    const old = '#!/usr/bin/env sh\n. "$(dirname -- "$0")/_/husky.sh"\n';
    writeHook(clone, ".husky/pre-commit", `${old.split("\n").slice(1).join("\n")}${says("husky")}`);
    clone.commit("old-style script");
    if (version === "8") {
      clone.git("config", "core.hooksPath", ".husky");
      init();
    }
    const linked = clone.addWorktree("linked", "feat/linked");
    probe();
    commit(linked);
    expect(probe()).toEqual(["husky"]);
    linked.git("clean", "-q", "-fdxe", ".session.json");
    commit(linked);
    expect(probe()).toEqual(["husky"]);
    expect(linked.git("status", "--porcelain")).toBe("");
  });

  test("worktrees of a bare repository run its scripts", () => {
    const { origin, directory } = createGround();
    const [one, two] = ["one", "two"].map((name) => origin.at(join(directory, name)));
    if (one === undefined || two === undefined) throw new Error("two worktrees");
    origin.git("worktree", "add", "-q", "-b", "feat/one", one.path);
    one.env.PROBE = join(directory, "probe");
    setUpManager(one, "husky");
    expect(origin.bulkhead(["init"]).exitCode).toBe(0);
    origin.git("worktree", "add", "-q", "-b", "feat/two", two.path, "feat/one");
    rmSync(one.env.PROBE, { force: true });
    commit(two);
    expect(readProbe(one.env.PROBE)).toEqual(["pre-commit"]);
  });

  test("a hook that fails where node_modules is missing is explained", () => {
    const { clone } = huskyGround();
    clone.write("package.json", "{}\n");
    clone.write(".husky/commit-msg", "no-such-program\n");
    clone.git("add", "-A");
    clone.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "needs what is installed");
    const linked = clone.addWorktree("linked", "feat/linked");
    const { exitCode, stderr } = linked.tryGit(["commit", "--allow-empty", "-m", "x"]);
    expect([exitCode === 0, stderr]).toEqual([false, expect.stringContaining(`no node_modules in ${linked.path}`)]);
  });

  test("tracked files that look like husky's own run nothing where the clone names no husky", () => {
    const { clone, probe } = groundWithProbe();
    clone.git("switch", "-q", "-c", "hostile");
    for (const name of ["h", "husky.sh", "pre-commit", "post-checkout", "reference-transaction"]) {
      writeHook(clone, `.husky/_/${name}`, says("hostile"));
    }
    writeHook(clone, ".husky/pre-commit", says("hostile"));
    clone.git("add", "-A");
    clone.git("commit", "-q", "-m", "hostile");
    clone.git("switch", "-q", "main");
    expect(clone.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
    clone.git("checkout", "-q", "hostile");
    commit(clone);
    commit(clone.addWorktree("linked", "feat/linked"));
    expect(clone.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
    commit(clone);
    expect(probe()).toEqual([]);
  });

  test("a link in a branch does not make the guard write elsewhere", () => {
    const { clone, directory } = huskyGround();
    clone.at(directory).run("mkdir", ["-p", "outside"]);
    clone.at(directory).write("outside/pre-commit", "true\n");
    clone.git("rm", "-q", "-r", "--cached", ".husky");
    rmSync(join(clone.path, ".husky"), { recursive: true });
    symlinkSync(join(directory, "outside"), join(clone.path, ".husky"));
    clone.git("add", "-A");
    clone.git("commit", "-q", "-m", "a link");
    commit(clone.addWorktree("linked", "feat/linked"));
    expect(existsSync(join(directory, "outside", "_"))).toBe(false);
  });

  test("npm install that sets husky up, runs it again, or takes it away is followed by the next commit", () => {
    const { clone, probe } = huskyGround();
    clone.git("config", "core.hooksPath", "tools");
    writeHook(clone, "tools/pre-commit", says("tools"));
    commit(clone);
    expect(probe()).toEqual(["tools"]);
    runHusky(clone);
    commit(clone);
    expect(probe()).toEqual(["pre-commit"]);
    clone.git("config", "--unset", "core.hooksPath");
    commit(clone);
    expect(probe()).toEqual([]);
  });
});

describe.each(availableGits())("with the $name git, no full guard is started", (git) => {
  test("for creating branches anywhere, and where the recorded node is gone another is found and recorded", () => {
    const ground = guardedGround(git);
    const started = countFullGuards(ground);
    for (const place of [ground.clone, ground.work]) {
      place.git("branch", `from-${place === ground.work}`);
      place.git("pack-refs", "--all");
      place.git("branch", `again-${place === ground.work}`);
    }
    ground.work.git("switch", "-q", "--detach");
    const before = started();
    ground.work.git("branch", "from-detached");
    expect(started()).toBe(before);
  });

  test("for deleting, packing and fetching many branches that no session expects", () => {
    const ground = guardedGround(git);
    const { clone, work } = ground;
    const names = Array.from({ length: 40 }, (_, n) => `many/${n}`);
    const create = names.map((name) => `create refs/heads/${name} ${clone.head()}\n`).join("");
    const started = countFullGuards(ground);
    for (const place of [clone, work]) {
      place.run("git", ["update-ref", "--stdin"], { input: create });
      place.git("pack-refs", "--all");
      place.git("branch", "-q", "-D", ...names);
      place.run("git", ["update-ref", "--stdin"], { input: create });
      place.git("gc", "-q");
      place.git("branch", "-q", "-D", ...names);
    }
    clone.at(ground.origin.path).run("git", ["update-ref", "--stdin"], {
      input: names.map((name) => `create refs/heads/${name} ${ground.origin.git("rev-parse", "main")}\n`).join(""),
    });
    clone.git("fetch", "-q", "origin", "refs/heads/many/*:refs/heads/many/*");
    // The one branch that the other worktree's session expects is the full guard's.
    expect(started()).toBeLessThan(4);
  });
});
