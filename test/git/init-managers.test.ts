import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  CUSTOM_HOOKS,
  linkPackages,
  readProbe,
  runHusky,
  runLefthook,
  setUpManager,
  type TestedManager,
  writeHook,
} from "../support/hook-managers.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

/** A clone whose hooks, of whatever manager, leave their names in `probe`. */
function createClone(manager: TestedManager): { clone: TestRepository; probe: () => string[] } {
  const { clone, directory } = createGround();
  const path = join(directory, "probe");
  clone.env.PROBE = path;
  setUpManager(clone, manager);
  rmSync(path, { force: true });
  return {
    clone,
    probe: () => {
      const lines = readProbe(path);
      rmSync(path, { force: true });
      return lines;
    },
  };
}

function init(clone: TestRepository, ...args: string[]): string[] {
  const { exitCode, json } = clone.bulkheadJson<{ managers: string[] }>(["init", "--no-scripts", ...args]);
  expect(exitCode).toBe(0);
  return json.managers;
}

let commits = 0;
/** A commit that is to pass. */
function commit(clone: TestRepository): void {
  clone.commit(`commit ${++commits}`, { "work.txt": `${commits}\n` });
}

/** A commit on the wrong branch is refused, and the hooks behind the guard do not run. */
function expectGuarded(clone: TestRepository, ...args: string[]): void {
  const file = join(clone.path, ".session.json");
  const before = existsSync(file) ? readFileSync(file, "utf8") : null;
  clone.write(".session.json", '{\n  "session": "s",\n  "expectedBranch": "elsewhere"\n}\n');
  const { exitCode, stderr } = clone.tryGit(["commit", "--allow-empty", "-m", "trial", ...args]);
  if (before === null) rmSync(file);
  else clone.write(".session.json", before);
  expect(stderr).toContain("Expected 'elsewhere'");
  expect(exitCode).not.toBe(0);
}

/** Hooks count as a part of the commit: one that fails still fails it. */
function expectGuardedAndChained(clone: TestRepository, probe: () => string[]): void {
  probe();
  expectGuarded(clone);
  expect(probe()).toEqual([]);
  commit(clone);
  expect(probe()).toEqual(["pre-commit"]);
}

describe("husky", () => {
  test("is joined, and stays so when npm install runs it again", () => {
    const { clone, probe } = createClone("husky");
    expect(init(clone)).toEqual(["husky"]);
    expectGuardedAndChained(clone, probe);
    runHusky(clone);
    expectGuardedAndChained(clone, probe);
    expect(init(clone)).toEqual(["husky"]);
  });

  test("set up for the first time after init is joined as well", () => {
    const { clone, probe } = createClone("none");
    expect(init(clone)).toEqual([]);
    setUpManager(clone, "husky");
    expectGuardedAndChained(clone, probe);
  });

  test("a worktree without .husky/_ runs its own scripts, with the main checkout's runtime", () => {
    const { clone, probe } = createClone("husky");
    const linked = clone.addWorktree("linked", "feat/linked");
    init(clone);
    expect(existsSync(join(linked.path, ".husky/_"))).toBe(false);
    linked.write(".husky/pre-commit", 'echo "linked $(basename "$PWD")" >>"$PROBE"\n');
    probe();
    commit(linked);
    expect(probe()).toEqual(["linked linked"]);
    linked.write(".husky/pre-commit", "exit 3\n");
    linked.git("add", "-A");
    expect(linked.tryGit(["commit", "-m", "refused by its own hook"]).exitCode).not.toBe(0);
    expectGuarded(linked);
  });

  test("a script that comes with a pull is run from the next commit on", () => {
    const { clone, probe } = createClone("husky");
    init(clone);
    clone.write(".husky/commit-msg", 'echo "commit-msg $(head -n 1 "$1")" >>"$PROBE"\n');
    clone.write(".husky/post-commit", 'echo post-commit >>"$PROBE"\n');
    probe();
    clone.commit("brings hooks");
    expect(probe()).toEqual(["pre-commit", "commit-msg brings hooks", "post-commit"]);
  });

  test("HUSKY=0 switches husky off and leaves the guard on", () => {
    const { clone, probe } = createClone("husky");
    init(clone);
    clone.env.HUSKY = "0";
    commit(clone);
    expect(probe()).toEqual([]);
    expectGuarded(clone);
  });
});

describe("lefthook", () => {
  test("is joined, and what it installs into our directory later is moved behind the guard", () => {
    const { clone, probe } = createClone("lefthook");
    expect(init(clone)).toEqual(["lefthook"]);
    expectGuardedAndChained(clone, probe);
    for (const args of [["install"], ["install", "-f"], ["install", "-f"]]) {
      expect(runLefthook(clone, ...args).exitCode).toBe(0);
      expectGuardedAndChained(clone, probe);
    }
  });

  test("reinstalling itself because its configuration changed does not cut the guard off", () => {
    const { clone, probe } = createClone("lefthook");
    init(clone);
    const more = `${clone.read("lefthook.yml")}commit-msg:\n  commands:\n    probe:\n      run: echo commit-msg >>"$PROBE"\n`;
    clone.write("lefthook.yml", more);
    // lefthook goes by the file's time, in seconds.
    const later = Date.now() / 1000 + 10;
    utimesSync(join(clone.path, "lefthook.yml"), later, later);
    commit(clone);
    probe();
    expectGuarded(clone);
    commit(clone);
    expect(probe()).toEqual(["pre-commit", "commit-msg"]);
  });

  test("taking over a hook that the guard stands at, but not pre-commit, is noticed by the next commit", () => {
    const { clone, probe } = createClone("none");
    linkPackages(clone, "lefthook");
    clone.commit("lefthook", {
      ".gitignore": "node_modules\n",
      "lefthook.yml": 'pre-push:\n  commands:\n    probe:\n      run: echo pre-push >>"$PROBE"\n',
    });
    init(clone, "--protect", "release");
    expect(runLefthook(clone, "install", "-f").exitCode).toBe(0);
    commit(clone);
    clone.git("push", "-q", "origin", "main");
    expect(probe()).toEqual(["pre-push"]);
    const refused = clone.tryGit(["push", "origin", "main:refs/heads/release"]);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain("release");
  });

  test("init --remove leaves lefthook's own hooks where it would have put them", () => {
    const { clone, probe } = createClone("lefthook");
    init(clone);
    runLefthook(clone, "install", "-f");
    init(clone, "--remove");
    expect(existsSync(join(clone.path, ".git/bulkhead"))).toBe(false);
    commit(clone);
    expect(probe()).toEqual(["pre-commit"]);
  });
});

const preCommit = spawnSync("pre-commit", ["--version"], { encoding: "utf8" });
const CONFIG =
  "repos:\n- repo: local\n  hooks:\n  - {id: probe, name: probe, language: system, entry: sh -c 'echo pre-commit >>\"$PROBE\"', always_run: true, pass_filenames: false}\n";

describe.runIf(preCommit.status === 0)("pre-commit", () => {
  function createPreCommitClone() {
    const created = createClone("none");
    created.clone.commit("pre-commit", { ".pre-commit-config.yaml": CONFIG });
    return created;
  }

  test("installed before init is joined", () => {
    const { clone, probe } = createPreCommitClone();
    clone.run("pre-commit", ["install"]);
    expect(init(clone)).toEqual(["pre-commit"]);
    expectGuardedAndChained(clone, probe);
  });

  test("refuses to install while a hooks path is set, unless it is told to look away", () => {
    const { clone, probe } = createPreCommitClone();
    init(clone);
    expect(clone.run("pre-commit", ["install"], { check: false }).exitCode).not.toBe(0);
    // As docs/guard.md tells people.
    const env = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "core.hooksPath", GIT_CONFIG_VALUE_0: "" };
    clone.run("pre-commit", ["install"], { env });
    expectGuardedAndChained(clone, probe);
  });
});
test.runIf(preCommit.status !== 0)("pre-commit cannot be tried here", ({ annotate }) =>
  annotate("the program pre-commit is not installed (Debian: apt-get install pre-commit)"),
);

describe("a hooks path of the repository's own", () => {
  test.each([
    ["relative", () => CUSTOM_HOOKS],
    ["absolute", ({ path }: TestRepository) => join(path, CUSTOM_HOOKS)],
    ["below the home directory", () => "~/hooks"],
  ])("%s", (_, value) => {
    const { clone, probe } = createClone("custom hooks path");
    const home = clone.at(clone.env.HOME ?? "");
    writeHook(home, "hooks/pre-commit", 'echo pre-commit >>"$PROBE"\n');
    clone.git("config", "core.hooksPath", value(clone));
    expect(init(clone)).toEqual(["custom hooks path"]);
    expectGuardedAndChained(clone, probe);
    const linked = clone.addWorktree("linked", "feat/linked");
    expectGuardedAndChained(linked, probe);
  });

  test("set globally", () => {
    const { clone, probe } = createClone("custom hooks path");
    clone.git("config", "--unset", "core.hooksPath");
    clone.git("config", "--global", "core.hooksPath", join(clone.path, CUSTOM_HOOKS));
    expect(init(clone)).toEqual(["custom hooks path"]);
    expectGuardedAndChained(clone, probe);
  });

  test.each(["main", "linked"])("set for the %s worktree alone, in config.worktree", (kind) => {
    const { clone, probe } = createClone("plain hooks");
    clone.git("config", "extensions.worktreeConfig", "true");
    const linked = clone.addWorktree("linked", "feat/linked");
    const [special, other] = kind === "main" ? [clone, linked] : [linked, clone];
    writeHook(special, "own hooks/pre-commit", 'echo "its own" >>"$PROBE"\n');
    special.git("config", "--worktree", "core.hooksPath", "own hooks");
    const config = readFileSync(join(special.git("rev-parse", "--absolute-git-dir"), "config.worktree"), "utf8");
    init(clone);
    probe();
    expectGuarded(special);
    commit(special);
    expect(probe()).toEqual(["its own"]);
    expectGuardedAndChained(other, probe);
    init(clone, "--remove");
    expect(readFileSync(join(special.git("rev-parse", "--absolute-git-dir"), "config.worktree"), "utf8")).toBe(config);
    commit(special);
    expect(probe()).toEqual(["its own"]);
  });

  test("that somebody sets with --worktree after init is told by doctor and armed by init", () => {
    const { clone, probe } = createClone("none");
    init(clone);
    clone.git("config", "extensions.worktreeConfig", "true");
    clone.git("config", "--worktree", "core.hooksPath", CUSTOM_HOOKS);
    writeHook(clone, `${CUSTOM_HOOKS}/pre-commit`, 'echo pre-commit >>"$PROBE"\n');
    const { json, exitCode } = clone.bulkheadJson<{ checks: { name: string; detail: string; state: string }[] }>([
      "doctor",
    ]);
    expect(exitCode).toBe(1);
    expect(json.checks.find(({ name }) => name === "hooks")).toMatchObject({
      state: "failed",
      detail: expect.stringContaining("config.worktree"),
    });
    init(clone);
    expectGuardedAndChained(clone, probe);
  });
});

describe("plain hooks", () => {
  test("are joined", () => {
    const { clone, probe } = createClone("plain hooks");
    expect(init(clone)).toEqual(["plain hooks"]);
    expectGuardedAndChained(clone, probe);
  });

  test("one that is not executable does not run, as without Bulkhead", () => {
    const { clone, probe } = createClone("plain hooks");
    chmodSync(join(clone.path, ".git/hooks/pre-commit"), 0o644);
    expect(init(clone)).toEqual([]);
    commit(clone);
    expect(probe()).toEqual([]);
  });

  test("one that is a directory, or a link that leads nowhere, does no harm", () => {
    const { clone } = createClone("none");
    mkdirSync(join(clone.path, ".git/hooks/commit-msg"), { recursive: true });
    clone.run("ln", ["-s", "nowhere", join(clone.path, ".git/hooks/post-commit")]);
    init(clone);
    commit(clone);
    expectGuarded(clone);
  });
});

test("husky in a clone whose path has spaces, quotes and a newline", () => {
  const { clone } = createGround({ cloneName: "a 'b' \"c\" $d ü\ne" });
  const path = join(dirname(clone.path), "probe");
  clone.env.PROBE = path;
  setUpManager(clone, "husky");
  init(clone);
  const linked = clone.addWorktree("l 'i' \"n\"\nked", "feat/linked");
  for (const worktree of [clone, linked]) {
    rmSync(path, { force: true });
    commit(worktree);
    expect(readProbe(path)).toEqual(["pre-commit"]);
    expectGuarded(worktree);
    expectGuarded(worktree, "--no-verify");
  }
});
