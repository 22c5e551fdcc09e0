import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { listFiles } from "../support/file-listing.ts";
import { addTools, hasTool, type Tool } from "../support/tools.ts";
import { WorktreeGround } from "./ground.ts";

/** A clone with dependencies as npm lays them out, a workspace among them. */
function withModules(): WorktreeGround {
  const ground = new WorktreeGround();
  const { clone } = ground;
  clone.commit("packages", {
    ".gitignore": "node_modules/\n.env*\n.claude/cache/\n",
    "package.json": JSON.stringify({ name: "top", workspaces: ["packages/*"], scripts: { test: "node test.js" } }),
    "packages/own/package.json": JSON.stringify({ name: "own", main: "index.js" }),
    "packages/own/index.js": "module.exports = 'own';\n",
    "test.js":
      "require('dep'); require('@scope/dep'); process.stdout.write(require('own') + process.env.BULKHEAD_PORT);\n",
  });
  clone.git("push", "-q");
  for (const name of ["dep", "@scope/dep"]) {
    clone.write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js", bin: "bin.js" }));
    clone.write(`node_modules/${name}/index.js`, "module.exports = 1;\n");
    clone.write(`node_modules/${name}/bin.js`, "#!/usr/bin/env node\nconsole.log('bin');\n");
  }
  mkdirSync(ground.path("node_modules", ".bin"));
  symlinkSync("../dep/bin.js", ground.path("node_modules", ".bin", "dep"));
  symlinkSync("../packages/own", ground.path("node_modules", "own"));
  clone.write("node_modules/.package-lock.json", "{}");
  clone.write("packages/own/node_modules/inner/index.js", "module.exports = 2;\n");
  return ground;
}

describe("node_modules is shared", () => {
  it("by a directory of links, workspaces being the worktree's own", () => {
    const ground = withModules();
    const worktree = ground.make("x");
    expect(lstatSync(join(worktree.path, "node_modules")).isSymbolicLink()).toBe(false);
    expect(readlinkSync(join(worktree.path, "node_modules", "dep"))).toBe("../../../node_modules/dep");
    worktree.write("packages/own/index.js", "module.exports = 'mine';\n");
    const env = { BULKHEAD_PORT: "1" };
    expect(worktree.run("node", ["test.js"], { env }).stdout).toBe("mine1");
    expect(existsSync(join(worktree.path, "packages/own/node_modules/inner/index.js"))).toBe(true);
    expect(existsSync(join(worktree.path, "node_modules/.bin/dep"))).toBe(true);
    expect(worktree.git("status", "--porcelain")).toBe(" M packages/own/index.js");
  });

  const destroyers: [string, (worktree: ReturnType<WorktreeGround["make"]>) => void][] = [
    ["rm -rf of its node_modules", (worktree) => rmSync(join(worktree.path, "node_modules"), { recursive: true })],
    ["rm -rf of the worktree", (worktree) => void worktree.run("rm", ["-rf", worktree.path])],
    ["git clean -fdx", (worktree) => void worktree.git("clean", "-fdxq")],
    ["git worktree remove --force", (worktree) => void worktree.git("worktree", "remove", "--force", worktree.path)],
    ["npm ci", (worktree) => void npm(worktree, "ci")],
    ["npm install of another package", (worktree) => void npm(worktree, "install", "./extra")],
    ["npm prune", (worktree) => void npm(worktree, "prune")],
  ];
  for (const [what, destroy] of destroyers) {
    it(`and survives ${what} in a worktree`, () => {
      const ground = withModules();
      const [worktree, other] = [ground.make("x"), ground.make("y")];
      const before = [listFiles(ground.path("node_modules")), listFiles(join(other.path, "node_modules"))];
      destroy(worktree);
      expect([listFiles(ground.path("node_modules")), listFiles(join(other.path, "node_modules"))]).toEqual(before);
    });
  }

  it("as one link or not at all, as the setting says", () => {
    const ground = withModules();
    ground.clone.git("config", "bulkhead.linkModules", "symlink");
    expect(lstatSync(join(ground.make("a").path, "node_modules")).isSymbolicLink()).toBe(true);
    expect(ground.clone.at(ground.path(".worktrees", "a")).git("status", "--porcelain")).toBe("");
    expect(existsSync(join(ground.make("b", "--no-symlink").path, "node_modules"))).toBe(false);
  });
});

/** Without a network: what is installed is in the repository. */
function npm(worktree: ReturnType<WorktreeGround["make"]>, ...args: string[]): void {
  worktree.write("extra/package.json", JSON.stringify({ name: "extra", version: "1.0.0" }));
  worktree.write("package.json", JSON.stringify({ name: "top", version: "1.0.0", workspaces: ["packages/*"] }));
  worktree.write("packages/own/package.json", JSON.stringify({ name: "own", version: "1.0.0" }));
  worktree.write(
    "package-lock.json",
    JSON.stringify({
      name: "top",
      version: "1.0.0",
      lockfileVersion: 3,
      packages: {
        "": { name: "top", version: "1.0.0", workspaces: ["packages/*"] },
        "node_modules/own": { resolved: "packages/own", link: true },
        "packages/own": { version: "1.0.0" },
      },
    }),
  );
  const flags = ["--offline", "--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier"];
  worktree.run("npm", [...args, ...flags]);
}

describe("files that git ignores", () => {
  it("are copied as .worktreeinclude says, and never through a link", () => {
    const ground = withModules();
    const { clone } = ground;
    clone.write(".worktreeinclude", ".env\n.env.local\nconf/*.env\n!.env.example\nnot-ignored\n");
    clone.write(".git/info/exclude", "conf/\n");
    for (const name of [".env", ".env.local", ".env.example", "conf/a.env", "packages/own/.env"])
      clone.write(name, name);
    clone.write("not-ignored", "1");
    const outside = join(ground.ground.directory, "outside");
    mkdirSync(outside);
    symlinkSync(outside, ground.path("linked"));
    const worktree = ground.make("x");
    const has = (name: string) => existsSync(join(worktree.path, name));
    expect([".env", ".env.local", "conf/a.env", "packages/own/.env"].filter(has)).toHaveLength(4);
    expect([".env.example", "not-ignored"].filter(has)).toEqual([]);
    clone.git("switch", "-q", "-c", "feat/evil");
    symlinkSync(outside, ground.path("evil"));
    rmSync(ground.path("conf"), { recursive: true });
    symlinkSync(outside, ground.path("conf2"));
    clone.git("add", "-f", "conf2", "evil");
    clone.git("mv", "conf2", "conf");
    clone.git("commit", "-q", "-m", "a link where files would go");
    clone.git("switch", "-q", "main");
    clone.write("conf/a.env", "secret");
    ground.make("evil");
    expect(existsSync(join(outside, "a.env"))).toBe(false);
  });

  it("the usual ones are copied where there is no list", () => {
    const ground = withModules();
    ground.clone.write(".env", "A=1\n");
    ground.clone.write("packages/own/.env.local", "B=2\n");
    const worktree = ground.make("x");
    expect(worktree.read(".env") + worktree.read("packages/own/.env.local")).toBe("A=1\nB=2\n");
    expect(ground.run("--cleanup", "--sd-key", "x").json).toMatchObject({ cleaned: true, reason: "success" });
  });

  it("directories that .claude settings name are linked", () => {
    const ground = withModules();
    ground.clone.write(".claude/cache/big", "1");
    const settings = { worktree: { symlinkDirectories: [".claude/cache", "../outside", "/etc", "packages"] } };
    ground.clone.commit("settings", { ".claude/settings.json": JSON.stringify(settings) });
    ground.clone.git("push", "-q");
    const worktree = ground.make("x");
    expect(lstatSync(join(worktree.path, ".claude/cache")).isSymbolicLink()).toBe(true);
    expect(lstatSync(join(worktree.path, "packages")).isSymbolicLink()).toBe(false);
  });
});

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
/** Runs a program on a terminal of its own, answers one question, and prints all that stood there. */
const TERMINAL = `
import os, pty, sys
seen = b""
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
answered = False
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
    if b"[y/N] " in seen and not answered:
        answered = True
        os.write(terminal, sys.argv[1].encode() + b"\\n")
os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
`;

describe("set-up commands", () => {
  it("of the repository are run only after a yes, which counts for these very commands", () => {
    const ground = withModules();
    const { clone } = ground;
    const commit = (commands: string[]) => {
      clone.commit(`set-up ${commands.length}`, {
        ".cursor/worktrees.json": JSON.stringify({ "setup-worktree": commands }),
      });
      clone.git("push", "-q");
    };
    commit(["echo $BULKHEAD_PORT $ROOT_WORKTREE_PATH >ready"]);
    const first = ground.run("a");
    expect(first.json.setup_waiting?.commands).toHaveLength(1);
    expect(existsSync(ground.path(".worktrees/a/ready"))).toBe(false);
    const second = ground.run("b", "--setup");
    expect(clone.at(second.json.path).read("ready")).toBe(`${second.json.port} ${clone.path}\n`);
    expect(existsSync(join(ground.make("c").path, "ready"))).toBe(true);
    expect(existsSync(join(ground.make("d", "--no-setup").path, "ready"))).toBe(false);
    commit(["echo 1 >ready", "echo 2 >more"]);
    expect(ground.run("e").json.setup_waiting?.commands).toHaveLength(2);
  });

  it("are asked for at a terminal, once: a yes and a no are remembered", () => {
    const ground = withModules();
    const { clone } = ground;
    const commit = (command: string) => {
      clone.commit(command, { ".emdash.json": JSON.stringify({ scripts: { setup: command } }) });
      clone.git("push", "-q");
    };
    /** As typed by a person; what they answer is only sent when the question stands there. */
    const atTerminal = (item: string, answer: string) =>
      clone.run("python3", ["-c", TERMINAL, answer, process.execPath, CLI, "worktree", item]).stdout;
    const isReady = (item: string) => existsSync(ground.path(".worktrees", item, "ready"));
    commit("echo 1 >ready");
    expect(atTerminal("a", "n")).toContain("echo 1 >ready");
    expect(atTerminal("b", "y")).not.toContain("Yes or no?");
    expect([isReady("a"), isReady("b")]).toEqual([false, false]);
    commit("echo 2 >ready");
    expect(atTerminal("c", "y")).toContain("Yes or no?");
    expect(atTerminal("d", "n")).not.toContain("Yes or no?");
    expect([isReady("c"), isReady("d")]).toEqual([true, true]);
  });

  it("of the clone need no yes; one that fails is named, and the worktree stays", () => {
    const ground = withModules();
    ground.clone.git("config", "--add", "bulkhead.setup", "echo one >one");
    ground.clone.git("config", "--add", "bulkhead.setup", "exit 7");
    const { exitCode, json } = ground.run("a");
    expect(exitCode).toBe(4);
    expect(json.steps.at(-1)).toMatchObject({
      name: "setup",
      state: "failed",
      detail: expect.stringContaining("exit 7"),
    });
    expect(existsSync(ground.path(".worktrees/a/one"))).toBe(true);
  });
});

describe("ports", () => {
  it("are the same each time for an item, and nobody else's", () => {
    const ground = new WorktreeGround();
    const { port } = ground.run("a").json;
    ground.run("--cleanup", "--sd-key", "a");
    expect(ground.run("a").json.port).toBe(port);
    writeFileSync(ground.path(".git/bulkhead/ports", "x"), "");
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(30_000);
  });
});

describe("node_modules as other package managers lay them out", () => {
  const managers = {
    pnpm: {
      files: { "pnpm-workspace.yaml": "packages:\n  - packages/*\n" },
      install: ["install", "--offline", "--ignore-scripts"],
    },
    "yarn-classic": { files: {}, install: ["install", "--offline", "--ignore-scripts", "--non-interactive"] },
  };
  for (const [tool, { files, install }] of Object.entries(managers)) {
    it(`${tool}: works in a worktree, and an install or removal there leaves the others' whole`, () => {
      const ground = new WorktreeGround();
      const { clone } = ground;
      if (!hasTool(tool as Tool)) return;
      addTools(clone);
      clone.commit("packages", {
        ...files,
        ".gitignore": "node_modules/\n",
        "package.json": JSON.stringify({
          name: "top",
          version: "1.0.0",
          private: true,
          workspaces: ["packages/*"],
          dependencies: { dep: "file:./vendor/dep" },
        }),
        "vendor/dep/package.json": JSON.stringify({ name: "dep", version: "1.0.0", main: "index.js" }),
        "vendor/dep/index.js": "module.exports = 'dep';\n",
        "packages/own/package.json": JSON.stringify({
          name: "own",
          version: "1.0.0",
          main: "index.js",
          dependencies: { dep: "file:../../vendor/dep" },
        }),
        "packages/own/index.js": "module.exports = require('dep') + ' by own';\n",
      });
      clone.run(tool, install);
      clone.git("add", "-A");
      clone.git("commit", "-q", "-m", "lock file");
      clone.git("push", "-q");
      const [worktree, other] = [ground.make("x"), ground.make("y")];
      const says = (at: typeof clone) => at.run("node", ["-p", "require('dep') + require('./packages/own')"]).stdout;
      expect([says(worktree), says(other)]).toEqual(["depdep by own\n", "depdep by own\n"]);
      const whole = () =>
        [clone, other].flatMap(({ path }) =>
          ["node_modules", "packages/own/node_modules"].map((name) =>
            existsSync(join(path, name)) ? listFiles(join(path, name)) : null,
          ),
        );
      const before = whole();
      worktree.run(tool, install);
      expect(whole()).toEqual(before);
      expect(says(worktree)).toBe("depdep by own\n");
      worktree.run("rm", ["-rf", "node_modules", "packages/own/node_modules"]);
      expect(ground.run("--cleanup", "--sd-key", "x", "--force").json.cleaned).toBe(true);
      expect([whole(), says(clone), says(other)]).toEqual([before, "depdep by own\n", "depdep by own\n"]);
    });
  }
});
