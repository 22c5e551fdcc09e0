import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { arm } from "../support/guarded-ground.ts";
import { WorktreeGround } from "./ground.ts";

describe("the list of worktrees", () => {
  it("says how each stands and whether it can be removed, in 80 columns", () => {
    const ground = new WorktreeGround();
    arm(ground.clone);
    ground.make("clean");
    const dirty = ground.make("dirty");
    dirty.commit("mine");
    dirty.write("new.txt", "new");
    const { json } = ground.clone.bulkheadJson<{ worktrees: Record<string, unknown>[] }>(["worktree"]);
    expect(json.worktrees).toEqual([
      expect.objectContaining({ path: ground.clone.path, branch: "main", main: true }),
      expect.objectContaining({
        sdKey: "clean",
        removable: true,
        because: [],
        ahead: 0,
        behind: 0,
        unpushed: 0,
        changed: 0,
      }),
      expect.objectContaining({
        sdKey: "dirty",
        removable: false,
        untracked: 1,
        ahead: 1,
        unpushed: 1,
        hooks_armed: true,
      }),
    ]);
    const { stdout } = ground.clone.bulkhead(["worktree", "--list"]);
    expect(stdout).toContain("can be removed: no, because 1 untracked file (new.txt)");
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const records = ground.clone.bulkhead(["worktree", "--list", "--porcelain", "-z"]).stdout.split("\0\0");
    expect(records[1]).toContain(`worktree ${ground.path(".worktrees", "clean")}\0branch feat/clean\0`);
  });
});

describe("from a shell", () => {
  it("bulkhead cd changes to a worktree and sets its port, outside of any clone too", () => {
    const ground = new WorktreeGround();
    const worktree = ground.make("x");
    const outside = ground.clone.at(ground.ground.directory);
    const { stdout, exitCode } = outside.bulkhead(["shell-init"]);
    expect(exitCode).toBe(0);
    const script = `${stdout}\ncd clone && bulkhead cd x && pwd && echo "$BULKHEAD_PORT" && bulkhead cd && pwd`;
    const ran = outside.run("sh", ["-c", script]).stdout.split("\n");
    expect(ran).toEqual([
      worktree.path,
      worktree.read("../../.git/worktrees/x/bulkhead-worktree/port").trim(),
      ground.clone.path,
      "",
    ]);
  });

  it("a worktree's path is all that stands on standard output, and --open runs a command in it", () => {
    const ground = new WorktreeGround();
    const { stdout, exitCode } = ground.clone.bulkhead(["worktree", "x", "--open", "pwd >here; echo noise"]);
    expect({ stdout, exitCode }).toEqual({ stdout: `${ground.path(".worktrees", "x")}\n`, exitCode: 0 });
    expect(ground.clone.read(".worktrees/x/here").trim()).toBe(ground.path(".worktrees", "x"));
    expect(ground.run("y", "--open", "exit 3")).toMatchObject({ exitCode: 4, json: { opened: { exit_code: 3 } } });
  });

  it("--start claims the item there", () => {
    const ground = new WorktreeGround();
    expect(ground.run("x", "--start", "--pid", String(process.pid)).json).toMatchObject({ started: { sd_id: "x" } });
  });
});

describe("for programs", () => {
  it("the handbook's functions do what the commands do", async () => {
    const ground = new WorktreeGround();
    const library = (await import(
      pathToFileURL(join(import.meta.dirname, "../../dist/index.js")).href
    )) as typeof import("../../src/index.ts");
    const call = { repoRoot: ground.clone.path, env: ground.clone.env };
    const made = await library.createWorktree({ ...call, sdKey: "SD-9", branch: "feat/nine" });
    expect(made).toMatchObject({
      path: ground.path(".worktrees", "SD-9"),
      branch: "feat/nine",
      created: true,
      reused: false,
    });
    expect(await library.resolveExpectedBranch(made.path, call)).toBe("feat/nine");
    expect((await library.listWorktrees(call)).worktrees.map(({ sdKey }) => sdKey)).toContain("SD-9");
    expect(await library.symlinkNodeModules(made.path, call)).toEqual({ linked: [], failed: [] });
    ground.clone.at(made.path).write("new.txt", "new");
    expect(await library.cleanupWorktree("SD-9", call)).toMatchObject({ cleaned: false, reason: "dirty_worktree" });
    expect(await library.removeWorktree("SD-9", { ...call, force: true })).toMatchObject({ cleaned: true });
  });
});

describe("the trash", () => {
  it("is emptied of what is too old, but of an only copy not before it was told", () => {
    const ground = new WorktreeGround();
    ground.make("empty");
    ground.make("full").write("new.txt", "new");
    ground.run("--cleanup", "--sd-key", "empty");
    ground.run("--cleanup", "--sd-key", "full", "--force");
    expect(ground.run("--trash").json.kept).toHaveLength(2);
    ground.clone.git("config", "bulkhead.trashDays", "0");
    ground.clone.git("config", "bulkhead.trashSize", "0");
    expect(ground.run("--empty-trash").json).toMatchObject({
      deleted: [{ name: "empty" }],
      announced: [{ name: "full" }],
    });
    expect(ground.run("--restore", "empty").json.error?.code).toBe("NOT_IN_TRASH");
    expect(ground.run("--restore", "full").exitCode).toBe(0);
  });
});
