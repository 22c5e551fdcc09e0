import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { arm } from "../support/guarded-ground.ts";
import { createGround } from "../support/repository.ts";
import { gitDirOf, type WorktreeDocument, WorktreeGround } from "./ground.ts";

describe("a worktree is made", () => {
  it("for an item, from the fetched base, with its session file", () => {
    const ground = new WorktreeGround();
    const {
      clone,
      ground: { origin, directory },
    } = ground;
    clone.at(directory).git("clone", "-q", origin.path, "other");
    const other = clone.at(join(directory, "other"));
    const newest = other.commit("by a colleague");
    other.git("push", "-q");
    const { exitCode, json } = ground.run("--sd-key", "SD-1");
    expect({ exitCode, json }).toEqual({
      exitCode: 0,
      json: expect.objectContaining({
        path: ground.path(".worktrees", "SD-1"),
        ...{ branch: "feat/SD-1", sdKey: "SD-1", session: "SD-1", created: true, reused: false, fetched: "fetched" },
      }),
    });
    const worktree = clone.at(json.path);
    expect(worktree.head()).toBe(newest);
    expect(worktree.git("status", "--porcelain")).toBe("");
    expect(JSON.parse(worktree.read(".session.json"))).toEqual({
      session: "SD-1",
      expectedBranch: "feat/SD-1",
      createdAt: expect.any(String),
      hostname: expect.any(String),
      repoRoot: clone.path,
      sdKey: "SD-1",
    });
    expect(existsSync(join(gitDirOf(worktree), "locked"))).toBe(false);
    expect(clone.tryGit(["config", "branch.feat/SD-1.merge"]).exitCode).toBe(1);
  });

  it("for a named session, from inside another worktree, and is given again", () => {
    const ground = new WorktreeGround();
    const first = ground.make("one");
    const args = ["worktree", "--session", "track-a", "--branch", "feat/SD-2"];
    const { json } = first.bulkheadJson<{ path: string }>(args);
    expect(json).toMatchObject({ path: ground.path(".sessions", "track-a"), sdKey: null, created: true });
    expect(first.bulkheadJson(args).json).toMatchObject({ created: false, reused: true, branch: "feat/SD-2" });
    expect(ground.clone.at(json.path).bulkhead(["worktree", "one"]).stdout.trim()).toBe(first.path);
  });

  it("on a branch that is there, and on one that only the remote has", () => {
    const ground = new WorktreeGround();
    const { clone } = ground;
    clone.git("branch", "feat/old");
    expect(ground.run("old").json).toMatchObject({ created: true, from: null });
    clone.git("push", "-q", "origin", "main:refs/heads/feat/theirs");
    clone.git("update-ref", "-d", "refs/remotes/origin/feat/theirs");
    expect(ground.run("theirs").json).toMatchObject({ created: true, branch: "feat/theirs" });
    expect(clone.git("rev-parse", "--abbrev-ref", "feat/theirs@{u}")).toBe("origin/feat/theirs");
  });

  it("with the guard armed, which blocks a commit elsewhere and lets one here", () => {
    const ground = new WorktreeGround();
    arm(ground.clone);
    const worktree = ground.make("armed");
    worktree.commit("mine");
    worktree.tryGit(["switch", "-q", "-c", "astray"]);
    expect(worktree.tryGit(["commit", "--allow-empty", "-m", "no"]).exitCode).not.toBe(0);
    const { json } = ground.run("armed2");
    expect(json.steps.find(({ name }) => name === "hooks")).toMatchObject({ state: "done" });
  });

  it("offline, from what was fetched last, and says so", () => {
    const ground = new WorktreeGround();
    renameSync(ground.ground.origin.path, `${ground.ground.origin.path}.away`);
    const { exitCode, stderr } = ground.clone.bulkhead(["worktree", "off"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining("could not be reached") });
  });

  it("in a bare layout, beside .bare", () => {
    const { ground } = new WorktreeGround();
    const project = join(ground.directory, "project");
    mkdirSync(project);
    const bare = ground.clone.at(project);
    bare.git("clone", "-q", "--bare", ground.origin.path, ".bare");
    writeFileSync(join(project, ".git"), "gitdir: ./.bare\n");
    bare.git("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*");
    const { exitCode, json } = bare.bulkheadJson(["worktree", "b1"]);
    expect({ exitCode, json }).toEqual({
      exitCode: 0,
      json: expect.objectContaining({ path: join(project, ".worktrees", "b1") }),
    });
    expect(bare.bulkheadJson(["worktree", "--cleanup", "--sd-key", "b1"]).json).toMatchObject({ cleaned: true });
    expect(bare.bulkheadJson(["worktree", "--restore", "b1"]).exitCode).toBe(0);
  });

  it("where core.worktree says that the main checkout is elsewhere", () => {
    const { ground } = new WorktreeGround();
    const top = join(ground.directory, "top");
    mkdirSync(top);
    ground.clone.git("config", "core.worktree", top);
    const { exitCode, json } = ground.clone.bulkheadJson<{ path: string }>(["worktree", "cw"]);
    expect({ exitCode, json }).toMatchObject({ exitCode: 0, json: { path: join(top, ".worktrees", "cw") } });
    const inside = ground.clone.at(json.path);
    expect(inside.bulkheadJson(["worktree", "cw2"]).json).toMatchObject({ path: join(top, ".worktrees", "cw2") });
  });
});

describe("nothing is left behind where a worktree cannot be made:", () => {
  const cases: [string, string, (ground: WorktreeGround) => string[]][] = [
    [
      "its branch is used elsewhere",
      "BRANCH_IN_USE",
      ({ clone }) => {
        clone.git("switch", "-q", "-c", "feat/x");
        return ["x"];
      },
    ],
    [
      "its branch is being rebased elsewhere",
      "BRANCH_IN_USE",
      ({ clone }) => {
        clone.git("switch", "-q", "-c", "feat/x");
        clone.commit("mine");
        clone.tryGit(["rebase", "-q", "-x", "false", "HEAD~1"]);
        return ["x"];
      },
    ],
    [
      "a file has its place",
      "WORKTREE_PATH_TAKEN",
      ({ clone }) => {
        clone.write(".worktrees/x", "mine");
        return ["x"];
      },
    ],
    [
      "a directory has its place",
      "WORKTREE_PATH_TAKEN",
      ({ clone }) => {
        clone.write(".worktrees/x/notes.txt", "mine");
        return ["x"];
      },
    ],
    [
      "a worktree's name differs in case only",
      "WORKTREE_NAMESAKE",
      (ground) => {
        ground.make("Abc");
        return ["abc", "--branch", "other"];
      },
    ],
    [
      "a branch's name differs in case only",
      "BRANCH_CLASH",
      ({ clone }) => {
        clone.git("branch", "feat/ABC");
        return ["abc"];
      },
    ],
    [
      "a branch has the name of its directory",
      "BRANCH_CLASH",
      ({ clone }) => {
        clone.git("branch", "feat");
        return ["x"];
      },
    ],
    ["its base is missing", "BASE_NOT_FOUND", () => ["x", "--base", "nowhere"]],
    ["its base has a mean name", "BASE_NOT_FOUND", () => ["x", "--base=--upload-pack=touch pwned"]],
    [
      "a filter fails in the middle of writing its files",
      "WORKTREE_NOT_MADE",
      ({ clone }) => {
        clone.commit("filtered", { ".gitattributes": "*.bin filter=bad\n", "a.bin": "1", "b.txt": "2" });
        clone.git("push", "-q");
        clone.git("config", "filter.bad.smudge", "false");
        clone.git("config", "filter.bad.required", "true");
        return ["x"];
      },
    ],
  ];
  for (const [what, code, prepare] of cases) {
    it(what, () => {
      const ground = new WorktreeGround();
      const args = prepare(ground);
      const before = ground.remains();
      const { exitCode, json } = ground.run(...args);
      expect({ exitCode, code: json.error?.code }).toEqual({ exitCode: code === "WORKTREE_NOT_MADE" ? 3 : 1, code });
      expect(ground.remains()).toBe(before);
      expect(existsSync(ground.path("pwned"))).toBe(false);
    });
  }

  it("the disk has no room for its files", () => {
    const ground = new WorktreeGround();
    ground.clone.commit("large", { "large.bin": "x".repeat(4 * 1024 * 1024) });
    ground.clone.git("push", "-q");
    ground.run("--list");
    const before = ground.remains();
    // No file may be larger than this, which to a program is what a full disk is.
    const script = 'trap "" XFSZ; ulimit -f 1024; exec "$@"';
    const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
    const words = ["-c", script, "sh", process.execPath, cli, "worktree", "x", "--json"];
    const { exitCode, stdout } = ground.clone.run("sh", words, { check: false });
    const { error } = JSON.parse(stdout) as WorktreeDocument;
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 3, code: "WORKTREE_NOT_MADE" });
    expect(ground.remains()).toBe(before);
  });

  it("says by whom the branch is used", () => {
    const ground = new WorktreeGround();
    const { exitCode, stderr } = ground.clone.bulkhead(["worktree", "--session", "s", "--branch", "main"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Branch already used by worktree");
    expect(stderr).toContain(ground.clone.path);
  });
});

describe("a worktree that is there already", () => {
  it("is refused on another branch, and with --force saved and made anew", () => {
    const ground = new WorktreeGround();
    const worktree = ground.make("x");
    worktree.write("mine.txt", "mine");
    worktree.git("switch", "-q", "-c", "else");
    expect(ground.run("x").json.error?.code).toBe("WORKTREE_OTHER_BRANCH");
    expect(worktree.read("mine.txt")).toBe("mine");
    const { json } = ground.run("x", "--force");
    expect(json).toMatchObject({ created: true, branch: "feat/x", trash: expect.any(String) });
    expect(existsSync(join(worktree.path, "mine.txt"))).toBe(false);
    ground.run("--cleanup", "--sd-key", "x");
    expect(ground.run("--restore", json.trash ?? "").json.error).toBeUndefined();
    expect(worktree.read("mine.txt")).toBe("mine");
  });

  it("is reused in the middle of a rebase of its branch", () => {
    const ground = new WorktreeGround();
    const worktree = ground.make("x");
    worktree.commit("mine");
    worktree.tryGit(["rebase", "-q", "-x", "false", "HEAD~1"]);
    expect(ground.run("x").json).toMatchObject({ reused: true });
  });

  it("is made anew where its directory was deleted by hand; its index and reflog can be had back", () => {
    const ground = new WorktreeGround();
    const worktree = ground.make("x");
    worktree.commit("mine");
    worktree.write("staged.txt", "staged");
    worktree.git("add", "staged.txt");
    rmSync(worktree.path, { recursive: true });
    const { json } = ground.run("x");
    expect(json).toMatchObject({ created: true, trash: expect.any(String) });
    expect(worktree.git("log", "-1", "--format=%s")).toBe("mine");
    ground.run("--cleanup", "--sd-key", "x", "--force");
    expect(ground.run("--restore", json.trash ?? "").exitCode).toBe(0);
    expect(worktree.read("staged.txt")).toBe("staged");
    expect(worktree.git("status", "--porcelain")).toBe("A  staged.txt");
  });

  it("is found again where it was moved by hand", () => {
    const ground = new WorktreeGround();
    const worktree = ground.make("x");
    renameSync(worktree.path, ground.path(".worktrees", "y"));
    const { exitCode, json } = ground.run("y", "--branch", "feat/x");
    expect({ exitCode, json }).toMatchObject({ exitCode: 0, json: { reused: true } });
    expect(ground.clone.at(ground.path(".worktrees", "y")).git("status", "--porcelain")).toBe("");
  });
});

describe("several at once", () => {
  it("make eight worktrees", async () => {
    const ground = new WorktreeGround();
    const running = Array.from({ length: 8 }, (_, i) => ground.clone.startBulkhead(["worktree", `w${i}`, "--json"]));
    const ended = await Promise.all(running.map(({ finished }) => finished));
    expect(ended.map(({ exitCode, stdout }) => (exitCode === 0 ? "" : stdout))).toEqual(ended.map(() => ""));
    const documents = ended.map(({ stdout }) => JSON.parse(stdout) as { path: string; port: number });
    expect(new Set(documents.map(({ port }) => port)).size).toBe(8);
    for (const { path } of documents) expect(ground.clone.at(path).git("status", "--porcelain")).toBe("");
  });

  it("make one worktree of one item, and all are given it", async () => {
    const ground = new WorktreeGround();
    const running = Array.from({ length: 4 }, () => ground.clone.startBulkhead(["worktree", "one", "--json"]));
    const ended = await Promise.all(running.map(({ finished }) => finished));
    const documents = ended.map(({ stdout }) => JSON.parse(stdout) as { path: string; created: boolean });
    expect(documents.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(documents.map(({ path }) => path)).size).toBe(1);
  });
});

describe("names of worktrees", () => {
  it("are refused where they could lead elsewhere", () => {
    const ground = new WorktreeGround();
    for (const name of ["../x", "a/b", "-x", ".git", "x y", ""]) {
      expect(ground.run("--sd-key", name).json.error?.code).toBeTruthy();
    }
    expect(ground.run("--session", "s", "--branch", "-x").json.error?.code).toBe("INVALID_BRANCH_NAME");
  });

  it("an unwritable directory is a clear sentence", () => {
    if (process.getuid?.() === 0) return;
    const ground = new WorktreeGround(createGround());
    chmodSync(ground.clone.path, 0o555);
    const { exitCode, json } = ground.run("x");
    chmodSync(ground.clone.path, 0o755);
    expect({ exitCode, code: json.error?.code }).toEqual({ exitCode: 3, code: "WORKTREE_NOT_MADE" });
  });
});
