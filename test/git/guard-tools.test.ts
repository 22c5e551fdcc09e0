import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AvailableGit, availableGits, isAtLeast } from "../support/gits.ts";
import { readProbe, writeHook } from "../support/hook-managers.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

/** A guarded clone in which `release` is protected, and what hooks of tools left in `$PROBE`. */
function guardedClone(prepare: (clone: TestRepository) => void = () => {}, git?: AvailableGit) {
  const { clone, directory } = createGround(git?.bin === undefined ? {} : { git: git.bin });
  const path = join(directory, "probe");
  clone.env.PROBE = path;
  prepare(clone);
  const { exitCode, stderr } = clone.bulkhead(["init", "--no-scripts", "--protect", "release"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const probe = () => {
    const lines = readProbe(path);
    rmSync(path, { force: true });
    return lines;
  };
  return { clone, directory, probe };
}

/** Where git says that hooks live: tools install there. */
function hooksOf(clone: TestRepository): string {
  return clone.git("rev-parse", "--path-format=absolute", "--git-path", "hooks");
}

function script(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}`);
  chmodSync(path, 0o755);
}

const says = (tool: string) => `echo ${tool} >>"$PROBE"\n`;

/** How tools put a pre-push hook where one stands already. */
const WAYS: Record<string, (hooks: string, tool: string) => void> = {
  "writing over it": (hooks, tool) => script(join(hooks, "pre-push"), says(tool)),
  "keeping it under another name": (hooks, tool) => {
    renameSync(join(hooks, "pre-push"), join(hooks, "pre-push.old"));
    script(join(hooks, "pre-push"), says(tool));
  },
  "keeping it and piping into it": (hooks, tool) => {
    renameSync(join(hooks, "pre-push"), join(hooks, "pre-push.legacy"));
    const pipe =
      'legacy=$(dirname "$0")/pre-push.legacy\n[ ! -x "$legacy" ] || printf "%s\\n" "$lines" | "$legacy" "$@" || exit 1\n';
    script(join(hooks, "pre-push"), `lines=$(cat)\n${pipe}${says(tool)}`);
  },
  "appending to it": (hooks, tool) => appendFileSync(join(hooks, "pre-push"), says(tool)),
  "putting its lines first": (hooks, tool) => {
    const [first, ...rest] = readFileSync(join(hooks, "pre-push"), "latin1").split("\n");
    writeFileSync(join(hooks, "pre-push"), [first, says(tool).trim(), ...rest].join("\n"));
  },
  "linking to its own": (hooks, tool) => {
    script(join(hooks, "..", "..", "..", "..", `${tool}-hook`), says(tool));
    unlinkSync(join(hooks, "pre-push"));
    symlinkSync(join(hooks, "..", "..", "..", "..", `${tool}-hook`), join(hooks, "pre-push"));
  },
};

function expectProtected(clone: TestRepository, origin: string): void {
  const refused = clone.tryGit(["push", origin, "HEAD:refs/heads/release"]);
  expect([refused.exitCode === 0, refused.stderr]).toEqual([false, expect.stringContaining("release")]);
}

describe.each(Object.keys(WAYS))("a tool that takes our pre-push hook by %s", (way) => {
  test("runs behind the guard from the next hook on, once a push, and is there after init --remove", () => {
    const { clone, probe } = guardedClone();
    WAYS[way]?.(hooksOf(clone), "tool");
    clone.commit("any hook notices");
    probe();
    expectProtected(clone, "origin");
    expect(probe()).toEqual([]);
    clone.git("push", "-q", "origin", "main");
    expect(probe()).toEqual(["tool"]);
    expect(clone.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
    clone.commit("another");
    clone.git("push", "-q", "origin", "main");
    expect(probe()).toEqual(["tool"]);
    expect(clone.bulkhead(["init", "--remove"]).exitCode).toBe(0);
    expect(existsSync(join(clone.path, ".git/bulkhead/hooks"))).toBe(false);
    clone.commit("unguarded");
    clone.git("push", "-q", "origin", "main");
    expect(probe()).toEqual(["tool"]);
  });

  test("joins a hook of the user's that was there before, and overwrites nothing", () => {
    const { clone, probe } = guardedClone((fresh) => {
      writeHook(fresh, ".git/hooks/pre-push", says("users"));
      for (const name of ["pre-push.old", "pre-push.legacy"]) fresh.write(`.git/hooks/${name}`, "precious\n");
    });
    WAYS[way]?.(hooksOf(clone), "tool");
    clone.git("branch", "noticed-by-any-hook");
    clone.commit("and surely by this one");
    probe();
    clone.git("push", "-q", "origin", "main");
    expect(probe().sort()).toEqual(["tool", "users"]);
    expectProtected(clone, "origin");
    for (const name of ["pre-push.old", "pre-push.legacy"]) expect(clone.read(`.git/hooks/${name}`)).toBe("precious\n");
    expect(clone.bulkhead(["init", "--remove"]).exitCode).toBe(0);
    const left = readdirSync(join(clone.path, ".git/hooks")).map((name) => clone.read(`.git/hooks/${name}`));
    for (const tool of ["tool", "users"]) expect(left.filter((text) => text.includes(`echo ${tool}`))).toHaveLength(1);
  });

  test("runs also where the user's own hooks path is elsewhere", () => {
    const { clone, probe } = guardedClone((fresh) => {
      writeHook(fresh, "tools/pre-push", says("users"));
      fresh.commit("tools");
      fresh.git("config", "core.hooksPath", "tools");
    });
    WAYS[way]?.(hooksOf(clone), "tool");
    clone.commit("noticed");
    probe();
    clone.git("push", "-q", "origin", "main");
    expect(probe().sort()).toEqual(["tool", "users"]);
    expectProtected(clone, "origin");
    expect(clone.git("status", "--porcelain")).toBe("");
  });
});

describe.each(availableGits())(
  "on git $version, with no hook between a tool that takes our pre-push and a push",
  (git) => {
    // Where git's configuration can name hooks, ours is put back before git runs it.
    const watched = isAtLeast(git, "2.54");
    test.each(["writing over it", "linking to its own"])("by %s", (way) => {
      const { clone, probe } = guardedClone(() => {}, git);
      WAYS[way]?.(hooksOf(clone), "tool");
      const first = clone.tryGit(["push", "origin", "HEAD:refs/heads/release"]);
      if (watched) {
        expect([first.exitCode === 0, first.stderr]).toEqual([false, expect.stringContaining("is protected")]);
      } else {
        expect([first.exitCode, first.stderr]).toEqual([0, expect.stringContaining("this push was not judged")]);
        clone.git("-c", "core.hooksPath=/dev/null", "push", "-q", "origin", ":release");
      }
      probe();
      expectProtected(clone, "origin");
      expect(clone.git("push", "-q", "origin", "HEAD:free")).toBe("");
      expect(probe()).toEqual(["tool"]);
    });

    test("a fetch notices, too, and who switches hooks off switches this off", () => {
      const { clone, probe } = guardedClone(() => {}, git);
      const other = clone.at(join(clone.path, "..", "other"));
      clone.git("clone", "-q", join(clone.path, "..", "origin.git"), other.path);
      WAYS["writing over it"]?.(hooksOf(clone), "tool");
      clone.git("-c", "core.hooksPath=/dev/null", "push", "-q", "origin", "HEAD:refs/heads/release");
      other.commit("elsewhere");
      other.git("push", "-q", "origin", "HEAD:main");
      clone.git("fetch", "-q");
      expect(readFileSync(join(hooksOf(clone), "pre-push"), "utf8")).toContain("Bulkhead's guard");
      probe();
      clone.commit("more");
      expectProtected(clone, "origin");
    });
  },
);

test("a tool that is installed twice, and runs ours as the one before it, is not run within itself", () => {
  const { clone, probe } = guardedClone();
  const install = () => {
    const hooks = hooksOf(clone);
    renameSync(join(hooks, "pre-commit"), join(hooks, "pre-commit.legacy"));
    const legacy = `"$(dirname "$0")"/pre-commit.legacy "$@" || exit 1\n`;
    script(join(hooks, "pre-commit"), `[ -z "$RUNNING" ] || exit 1\nexport RUNNING=1\n${legacy}${says("tool")}`);
  };
  for (const time of ["first", "second", "third"]) {
    install();
    clone.commit(`${time} time`);
    expect(probe()).toEqual(["tool"]);
  }
});

test("a tool that pipes into ours, under whatever name, has every protected push refused at once", () => {
  const { clone } = guardedClone();
  WAYS["keeping it and piping into it"]?.(hooksOf(clone), "tool");
  for (let n = 0; n < 3; n++) expectProtected(clone, "origin");
});

test("hooks that come together with a file they share keep it, and a link to a neighbour", () => {
  const { clone, probe } = guardedClone();
  const hooks = hooksOf(clone);
  script(join(hooks, "dispatch"), '. "$(dirname "$0")/shared.sh"; says "$(basename "$0")"\n');
  writeFileSync(join(hooks, "shared.sh"), 'says() { echo "$1" >>"$PROBE"; }\n');
  for (const name of ["pre-commit", "post-merge"]) {
    rmSync(join(hooks, name), { force: true });
    symlinkSync("dispatch", join(hooks, name));
  }
  clone.git("branch", "noticed");
  clone.commit("one");
  expect(probe()).toEqual(["pre-commit"]);
  expect(lstatSync(join(hooks, "pre-commit")).isSymbolicLink()).toBe(false);
});

test("init never writes through a link that a tool has put in our place", () => {
  const { clone, directory } = guardedClone();
  const theirs = join(directory, "theirs");
  script(theirs, "exit 0\n");
  for (const place of ["hooks/pre-commit", "guard.conf"]) {
    rmSync(join(clone.path, ".git/bulkhead", place));
    symlinkSync(theirs, join(clone.path, ".git/bulkhead", place));
  }
  clone.bulkhead(["init", "--no-scripts"]);
  expect(readFileSync(theirs, "utf8")).toBe("#!/bin/sh\nexit 0\n");
});

test("a hooks directory that is a link into shared files gets nothing of a tool's", () => {
  const { clone, directory, probe } = guardedClone((fresh) => {
    mkdirSync(join(fresh.path, "../shared-hooks"));
    rmSync(join(fresh.path, ".git/hooks"), { recursive: true });
    symlinkSync("../../shared-hooks", join(fresh.path, ".git/hooks"));
    script(join(fresh.path, "../shared-hooks/pre-push"), says("shared"));
  });
  WAYS["writing over it"]?.(hooksOf(clone), "tool");
  clone.commit("noticed");
  probe();
  clone.git("push", "-q", "origin", "main");
  expect(probe().sort()).toEqual(["shared", "tool"]);
  expect(readdirSync(join(directory, "shared-hooks"))).toEqual(["pre-push"]);
});

test("two takings by two tools one after the other lose neither, nor the user's own", () => {
  const { clone, probe } = guardedClone((fresh) => writeHook(fresh, ".git/hooks/pre-push", says("users")));
  for (const tool of ["one", "two"]) {
    WAYS["keeping it under another name"]?.(hooksOf(clone), tool);
    clone.commit(`noticed ${tool}`);
  }
  probe();
  clone.git("push", "-q", "origin", "main");
  expect(probe().sort()).toEqual(expect.arrayContaining(["two", "users"]));
  expect(clone.bulkhead(["init", "--remove"]).exitCode).toBe(0);
  const left = readdirSync(join(clone.path, ".git/hooks")).map((name) => clone.read(`.git/hooks/${name}`));
  for (const tool of ["one", "two", "users"]) expect(left.some((text) => text.includes(`echo ${tool}`))).toBe(true);
});
