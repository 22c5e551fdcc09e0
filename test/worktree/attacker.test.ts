import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inClone } from "../../src/app/clone.ts";
import { worktreeTools } from "../../src/app/worktree-tools.ts";
import { BulkheadError } from "../../src/domain/error.ts";
import { parseWorkItemKey } from "../../src/domain/names.ts";
import { cleanup } from "../../src/worktree/cleanup.ts";
import { Party } from "../e2e/session-ground.ts";
import { listFiles } from "../support/file-listing.ts";
import type { TestRepository } from "../support/repository.ts";
import { onCleanup } from "../support/scratch.ts";
import { gitDirOf, WorktreeGround } from "./ground.ts";

/** What a worktree can hold that must not be lost, and why clean-up refuses it; null where nothing would be lost. */
const CONTENT: Record<
  string,
  { put: (worktree: TestRepository, ground: WorktreeGround) => void; reason: string | null }
> = {
  changed: { put: (w) => w.write("README.md", "changed\n"), reason: "dirty_worktree" },
  staged: {
    put: (w) => {
      w.write("README.md", "staged\n");
      w.git("add", "README.md");
      w.write("README.md", "first\n");
    },
    reason: "dirty_worktree",
  },
  untracked: { put: (w) => w.write("sub/new file.txt", "untracked\n"), reason: "dirty_worktree" },
  ignored: { put: (w) => w.write(".env.local", "SECRET=only here\n"), reason: "dirty_worktree" },
  "ignored in a directory": { put: (w) => w.write("private/notes/a.txt", "only here\n"), reason: "dirty_worktree" },
  "assume-unchanged": {
    put: (w) => {
      w.git("update-index", "--assume-unchanged", "README.md");
      w.write("README.md", "hidden from git\n");
    },
    reason: "dirty_worktree",
  },
  conflicting: {
    put: (w) => {
      w.commit("mine", { "README.md": "mine\n" });
      w.git("branch", "theirs", "HEAD~1");
      w.git("switch", "-q", "theirs");
      w.commit("theirs", { "README.md": "theirs\n" });
      w.tryGit(["merge", "-q", "feat/x"]);
    },
    reason: "dirty_worktree",
  },
  unpushed: { put: (w) => void w.commit("unpushed"), reason: "unpushed_commits" },
  detached: {
    put: (w) => {
      w.git("switch", "-q", "--detach");
      w.commit("on no branch");
    },
    reason: "unpushed_commits",
  },
  "amended away": {
    put: (w) => {
      w.commit("first try", { "a.txt": "first try\n" });
      w.git("reset", "-q", "--hard", "HEAD~1");
    },
    reason: null,
  },
  stashed: {
    put: (w) => {
      w.write("README.md", "stashed\n");
      w.git("stash", "-q");
    },
    reason: null,
  },
  linked: {
    put: (w, ground) => {
      mkdirSync(ground.path("..", "outside"));
      writeFileSync(ground.path("..", "outside", "keep.txt"), "not the worktree's\n");
      symlinkSync(ground.path("..", "outside"), join(w.path, "link"));
    },
    reason: "dirty_worktree",
  },
  nothing: { put: () => {}, reason: null },
};

function prepared(): { ground: WorktreeGround; worktree: TestRepository } {
  const ground = new WorktreeGround();
  ground.clone.commit("ignore", { ".gitignore": ".env*\nprivate/\n" });
  ground.clone.git("push", "-q");
  return { ground, worktree: ground.make("x") };
}

/** Every byte that belongs to a worktree: its files, index, HEAD, reflog, the stash, the branch, and what links lead to. */
function everything(worktree: TestRepository, ground: WorktreeGround): Record<string, unknown> {
  const gitDir = gitDirOf(worktree);
  const outside = ground.path("..", "outside");
  return {
    files: listFiles(worktree.path),
    git: Object.fromEntries(
      ["HEAD", "index", "logs/HEAD", "MERGE_HEAD"].map((name) => {
        const path = join(gitDir, name);
        return [name, existsSync(path) ? readFileSync(path, "latin1") : null];
      }),
    ),
    stash: ground.clone.git("stash", "list", "--format=%H %gs"),
    refs: ground.clone.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"),
    outside: existsSync(outside) ? listFiles(outside) : null,
  };
}

/** Makes git drop everything that nothing holds, however young. */
function collectGarbage({ clone }: WorktreeGround): void {
  clone.git("reflog", "expire", "--expire-unreachable=now", "--all");
  clone.git("gc", "-q", "--prune=now");
}

describe("a worktree that holds something", () => {
  for (const [what, { put, reason }] of Object.entries(CONTENT)) {
    for (const force of [false, true]) {
      it(`${what}: is ${force || reason === null ? "removed" : "refused"}${force ? " with --force" : ""}, and every byte can be had back`, () => {
        const { ground, worktree } = prepared();
        put(worktree, ground);
        const before = everything(worktree, ground);
        const { exitCode, json } = ground.run("--cleanup", "--sd-key", "x", ...(force ? ["--force"] : []));
        if (!force && reason !== null) {
          expect({ exitCode, reason: json.reason, cleaned: json.cleaned }).toEqual({
            exitCode: 1,
            reason,
            cleaned: false,
          });
          expect(everything(worktree, ground)).toEqual(before);
          return;
        }
        expect({ exitCode, reason: json.reason }).toEqual({ exitCode: 0, reason: "success" });
        expect(existsSync(worktree.path)).toBe(false);
        expect(ground.clone.git("worktree", "list", "--porcelain")).not.toContain("/x\n");
        collectGarbage(ground);
        expect(ground.run("--restore", "x").exitCode).toBe(0);
        expect(everything(worktree, ground)).toEqual(before);
        worktree.git("fsck", "--no-dangling", "--connectivity-only");
        worktree.git("status");
      });
    }
  }

  it("on every other road: made anew, swept, removed twice, and after its branch and stash were dropped", () => {
    const { ground, worktree } = prepared();
    worktree.write("README.md", "stashed\n");
    worktree.git("stash", "-q");
    worktree.commit("mine");
    worktree.write("new.txt", "new\n");
    const before = everything(worktree, ground);
    ground.run("--cleanup", "--merged");
    expect(everything(worktree, ground)).toEqual(before);
    ground.run("--cleanup", "--sd-key", "x", "--force");
    expect(ground.run("--cleanup", "--sd-key", "x", "--force").json.reason).toBe("worktree_not_found");
    ground.clone.git("branch", "-q", "-D", "feat/x");
    ground.clone.git("stash", "drop", "-q");
    collectGarbage(ground);
    expect(ground.run("--restore", "x").json).toMatchObject({ branchMade: true, stashes: 1 });
    expect(everything(worktree, ground)).toEqual(before);
  });
});

describe("a worktree in use is refused", () => {
  it("while a process has its directory in it", async () => {
    const { ground, worktree } = prepared();
    const { child } = worktree.start("sleep", ["60"]);
    onCleanup(() => void child.kill("SIGKILL"));
    expect(ground.run("--cleanup", "--sd-key", "x")).toMatchObject({ exitCode: 1, json: { reason: "in_use" } });
    expect(existsSync(worktree.path)).toBe(true);
  });

  it("while another's session lives in it, which git's own lock says too; its end unlocks it", async () => {
    const { ground, worktree } = prepared();
    const party = new Party(worktree);
    expect(party.json("start", "x").exitCode).toBe(0);
    expect(readFileSync(join(gitDirOf(worktree), "locked"), "utf8")).toMatch(/^bulkhead: session /);
    expect(ground.run("--cleanup", "--sd-key", "x")).toMatchObject({ exitCode: 1, json: { reason: "in_use" } });
    await party.kill();
    const { json } = ground.run("--cleanup", "--sd-key", "x");
    expect(json).toMatchObject({ cleaned: true, released: "x" });
    const again = new Party(ground.clone);
    expect(again.json("worktree", "--restore", "x").json).toMatchObject({ claimed: true, item: "x" });
    expect(existsSync(join(gitDirOf(worktree), "locked"))).toBe(true);
    expect(again.worktree.at(worktree.path).bulkhead(["release", "--end", "--pid", again.pid]).exitCode).toBe(0);
    expect(existsSync(join(gitDirOf(worktree), "locked"))).toBe(false);
  });

  it("when somebody else has locked it, or it holds another worktree", () => {
    const { ground, worktree } = prepared();
    ground.clone.git("worktree", "lock", "--reason", "mine", worktree.path);
    expect(ground.run("--cleanup", "--sd-key", "x").json).toMatchObject({ reason: "in_use" });
    ground.clone.git("worktree", "unlock", worktree.path);
    ground.clone.git("worktree", "add", "-q", "-b", "inner", join(worktree.path, "inner"));
    expect(ground.run("--cleanup", "--sd-key", "x", "--force").json).toMatchObject({
      reason: "in_use",
      cleaned: false,
    });
  });
});

describe("what is merged", () => {
  it("by a squash, also where the base went on in the same lines, is swept; what is new or used stays", () => {
    const { ground, worktree } = prepared();
    const { clone } = ground;
    worktree.commit("one", { "README.md": "one\n" });
    worktree.commit("two", { "README.md": "one\ntwo\n" });
    const fresh = ground.make("fresh");
    clone.git("merge", "-q", "--squash", "feat/x");
    clone.git("commit", "-q", "-m", "squashed");
    clone.commit("goes on", { "README.md": "changed again\n" });
    clone.git("push", "-q");
    expect(ground.run("--cleanup", "--merged", "--dry-run").json).toMatchObject({
      plan: [{ name: "x", remove: true }],
      cleaned: [],
    });
    expect(ground.run("--cleanup", "--merged").json).toMatchObject({ cleaned: [{ name: "x", cleaned: true }] });
    expect(existsSync(fresh.path)).toBe(true);
  });
});

describe("on another disk", () => {
  it("a worktree is copied into the trash and back, whole", () => {
    const disk = "/dev/shm";
    const elsewhere = existsSync(disk) && lstatSync(disk).isDirectory() ? join(disk, `bulkhead-${process.pid}`) : null;
    if (elsewhere === null) return;
    mkdirSync(elsewhere);
    onCleanup(() => rmSync(elsewhere, { recursive: true, force: true }));
    const ground = new WorktreeGround();
    symlinkSync(elsewhere, ground.path(".worktrees"));
    const worktree = ground.make("x");
    expect(realpathSync(worktree.path)).toBe(join(elsewhere, "x"));
    worktree.write("run.sh", "#!/bin/sh\n");
    symlinkSync("run.sh", join(worktree.path, "link"));
    const before = listFiles(worktree.path);
    expect(ground.run("--cleanup", "--sd-key", "x", "--force").json.cleaned).toBe(true);
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(ground.run("--restore", "x").exitCode).toBe(0);
    expect(listFiles(worktree.path)).toEqual(before);
  });
});

describe("in clones of other kinds", () => {
  it("a sparse checkout is removed and restored as it was, and a file put outside of it is seen", () => {
    const ground = new WorktreeGround();
    ground.clone.commit("rooms", { "in/a.txt": "1", "out/b.txt": "2" });
    ground.clone.git("push", "-q");
    const worktree = ground.make("x");
    worktree.git("sparse-checkout", "set", "in");
    expect(existsSync(join(worktree.path, "out"))).toBe(false);
    worktree.write("out/b.txt", "changed where git does not look\n");
    expect(ground.run("--cleanup", "--sd-key", "x").json).toMatchObject({ reason: "dirty_worktree" });
    rmSync(join(worktree.path, "out"), { recursive: true });
    const before = everything(worktree, ground);
    expect(ground.run("--cleanup", "--sd-key", "x").json).toMatchObject({ cleaned: true });
    expect(ground.run("--restore", "x").exitCode).toBe(0);
    expect(everything(worktree, ground)).toEqual(before);
    expect(worktree.git("sparse-checkout", "list")).toBe("in");
  });

  it("a clone without blobs makes, removes and restores a worktree", () => {
    const { ground } = new WorktreeGround();
    ground.origin.git("config", "uploadpack.allowFilter", "true");
    ground.clone
      .at(ground.directory)
      .git("clone", "-q", "--filter=blob:none", `file://${ground.origin.path}`, "partial");
    const partial = ground.clone.at(join(ground.directory, "partial"));
    expect(partial.bulkheadJson(["worktree", "x"]).exitCode).toBe(0);
    const worktree = partial.at(join(partial.path, ".worktrees", "x"));
    worktree.write("new.txt", "new");
    worktree.git("add", "new.txt");
    const before = listFiles(worktree.path);
    expect(partial.bulkheadJson(["worktree", "--cleanup", "--sd-key", "x", "--force"]).json).toMatchObject({
      cleaned: true,
    });
    expect(partial.bulkheadJson(["worktree", "--restore", "x"]).exitCode).toBe(0);
    expect(listFiles(worktree.path)).toEqual(before);
    expect(worktree.git("status", "--porcelain")).toBe("A  new.txt");
  });

  it("a submodule's own commits keep a worktree, and come back with it", () => {
    const ground = new WorktreeGround();
    const { clone } = ground;
    const allow = ["-c", "protocol.file.allow=always"];
    clone.at(ground.ground.directory).git("clone", "-q", ground.ground.origin.path, "library");
    clone.git(...allow, "submodule", "--quiet", "add", ground.ground.origin.path, "lib");
    clone.git("commit", "-q", "-m", "a submodule");
    clone.git("push", "-q");
    const worktree = ground.make("x");
    worktree.git(...allow, "submodule", "--quiet", "update", "--init");
    expect(ground.run("--list").exitCode).toBe(0);
    const inside = clone.at(join(worktree.path, "lib"));
    inside.git("switch", "-q", "-c", "own");
    const own = inside.commit("only in the submodule");
    inside.git("switch", "-q", "--detach", "HEAD~1");
    expect(ground.run("--cleanup", "--sd-key", "x").json).toMatchObject({
      reason: "dirty_worktree",
      details: [expect.stringContaining("submodule with work of its own")],
    });
    const before = listFiles(worktree.path);
    expect(ground.run("--cleanup", "--sd-key", "x", "--force").json).toMatchObject({ cleaned: true });
    expect(ground.run("--restore", "x").exitCode).toBe(0);
    expect(listFiles(worktree.path)).toEqual(before);
    expect(inside.git("rev-parse", "own")).toBe(own);
  });
});

describe("where the store does not answer", () => {
  it("a removal is refused before anything has moved", () => {
    const { ground, worktree } = prepared();
    expect(ground.run("x", "--start", "--pid", String(process.pid)).exitCode).toBe(0);
    writeFileSync(ground.path(".git/bulkhead/bulkhead.db"), "no database\n".repeat(1000));
    expect(ground.run("--cleanup", "--sd-key", "x", "--force").exitCode).toBe(3);
    expect(existsSync(worktree.path)).toBe(true);
  });

  it("any more when the worktree is gone, that is told, and the worktree can be had back", async () => {
    const { ground, worktree } = prepared();
    const report = await inClone({ directory: ground.clone.path, env: ground.clone.env }, async (clone) => {
      const tools = await worktreeTools(clone);
      const end = async () => {
        throw new BulkheadError("STORE_FAILED", { path: "bulkhead.db", reason: "it does not answer" });
      };
      const target = { kind: "item", name: parseWorkItemKey("x") } as const;
      return cleanup({ ...tools, sessions: { ...tools.sessions, end } }, target, false);
    });
    expect(report).toMatchObject({ cleaned: true, reason: "removal_incomplete", details: [expect.any(String)] });
    expect(existsSync(worktree.path)).toBe(false);
    expect(ground.run("--restore", "x").exitCode).toBe(0);
  });
});
