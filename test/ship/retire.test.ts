import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createShipGround, isWrite, runShip, type ShipGround } from "../support/github/ship-ground.ts";
import { onCleanup } from "../support/scratch.ts";

const localBranches = ({ clone }: ShipGround) => clone.git("for-each-ref", "--format=%(refname:short)", "refs/heads");

/** A worktree of an item with its session, and a pull request that is ready. */
async function ofItem(): Promise<ShipGround> {
  const ground = await createShipGround("feat/T-1");
  const { clone, work } = ground;
  const path = join(clone.path, ".worktrees", "T-1");
  mkdirSync(join(clone.path, ".worktrees"));
  clone.git("worktree", "move", work.path, path);
  const moved = clone.at(path);
  const args = ["start", "T-1", "--agent-session", "agent-1", "--pid", String(process.pid)];
  expect(await moved.startBulkhead(args).finished).toMatchObject({ exitCode: 0 });
  return { ...ground, work: moved };
}

/** A shell of somebody's, standing in a directory: a process group of its own, as every shell at a terminal is. */
async function shellIn(directory: string): Promise<{ pid: number; leave: () => Promise<void> }> {
  const child = spawn("sleep", ["600"], { cwd: directory, detached: true, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const leave = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  onCleanup(leave);
  await new Promise((resolve) => child.on("spawn", resolve));
  const pid = child.pid ?? 0;
  while (process.platform === "linux" && readlinkSync(`/proc/${pid}/cwd`) !== directory)
    await new Promise(setImmediate);
  return { pid, leave };
}

test("--retire moves the worktree into the trash, deletes its branch and releases its claim", async () => {
  const ground = await ofItem();
  const { work, clone } = ground;
  const { exitCode, json } = await runShip(ground, clone, ["1", "--retire"]);
  expect(json.error).toBeUndefined();
  expect([exitCode, json.merge.state]).toEqual([4, "merged"]);
  // The session at work there is another's: it keeps the worktree, and is named.
  expect(json.cleanup.worktree?.detail).toMatch(/^kept: session .* \(T-1\)/);
  const own = ["--agent-session", "agent-1"];
  expect((await work.startBulkhead(["release", "T-1", "--end", ...own]).finished).exitCode).toBe(0);
  const again = await runShip(ground, clone, ["1", "--retire"]);
  expect([again.exitCode, again.json.cleanup.worktree?.state]).toEqual([0, "done"]);
  expect([existsSync(work.path), localBranches(ground)]).toEqual([false, "main"]);
  const restored = await clone.startBulkhead(["worktree", "--restore", "T-1"]).finished;
  expect([restored.exitCode, clone.at(work.path).read("work.txt")]).toEqual([0, "work\n"]);
});

test("--retire works from inside the worktree that goes: only a shell that stands there keeps it", async () => {
  const ground = await ofItem();
  const { work, clone } = ground;
  const shell = await shellIn(work.path);
  const env = { CLAUDE_CODE_SESSION_ID: "agent-1" };
  const first = await runShip(ground, work, ["--retire"], env);
  expect([first.exitCode, first.json.merge.state, first.json.cleanup.worktree?.state]).toEqual([4, "merged", "failed"]);
  expect(first.json.cleanup.worktree?.detail).toContain(`process ${shell.pid} (sleep) is in it`);
  expect(existsSync(work.path)).toBe(true);
  const { stdout } = await work.startBulkhead(["ship", "--retire"], { env: { GITHUB_TOKEN: ground.token, ...env } })
    .finished;
  const [, typed = ""] = /Once that is settled: (.*)$/m.exec(stdout) ?? [];
  expect(typed).toMatch(new RegExp(`^cd ${clone.path} && .* ship 1 --retire$`));
  await shell.leave();
  // The line as it is printed, in a shell.
  const done = await work.start("sh", ["-c", typed], { env: { GITHUB_TOKEN: ground.token, ...env } }).finished;
  expect([done.exitCode, existsSync(work.path), localBranches(ground)]).toEqual([0, false, "main"]);
});

test("--retire from inside, at the command of a program, ends session and worktree", async () => {
  const ground = await ofItem();
  const { exitCode, json } = await runShip(ground, ground.work, ["--retire"], { CLAUDE_CODE_SESSION_ID: "agent-1" });
  expect([exitCode, json.cleanup.worktree?.state, json.claim.state]).toEqual([0, "done", "released"]);
  expect([existsSync(ground.work.path), localBranches(ground)]).toEqual([false, "main"]);
});

test("--retire loses nothing: what is only there keeps the worktree, and is named", async () => {
  const ground = await createShipGround();
  ground.work.write(".gitignore", ".env.local\n");
  ground.work.git("add", "-A");
  ground.work.git("commit", "-q", "-m", "ignore");
  ground.work.write(".env.local", "SECRET=1\n");
  const { exitCode, json } = await runShip(ground, ground.clone, ["--branch", "feat/x", "--retire"]);
  expect([exitCode, json.error?.code]).toEqual([1, "SHIP_NOT_PUSHED"]);
  const pushed = await runShip(ground, ground.work, ["--push", "--retire"]);
  expect([pushed.exitCode, pushed.json.merge.state]).toEqual([4, "merged"]);
  expect(pushed.json.cleanup.worktree?.detail).toContain(".env.local");
  expect(pushed.json.cleanup.local_branch?.detail).toBe("kept: its worktree is still there");
  expect(ground.work.read(".env.local")).toBe("SECRET=1\n");
});

test("--retire of the main checkout is refused before anything is done", async () => {
  const ground = await createShipGround();
  ground.clone.git("worktree", "remove", ground.work.path);
  ground.clone.git("switch", "-q", "feat/x");
  const { exitCode, json } = await runShip(ground, ground.clone, ["--retire"]);
  expect([exitCode, json.error?.code]).toEqual([1, "SHIP_RETIRE_MAIN"]);
  expect(json.error?.message).toMatch(/Nothing was changed\.$/);
  expect(ground.github.requests.filter(isWrite)).toEqual([]);
});
