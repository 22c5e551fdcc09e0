import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { nextWait } from "../../src/app/keeper-net.ts";
import type { Overlap } from "../../src/snapshot/overlap.ts";
import { onCleanup } from "../support/scratch.ts";
import { createParties, type Document, type Party } from "./session-ground.ts";

const KEEPER = { env: { BULKHEAD_KEEPER: "1" } };

async function until<T>(look: () => T | false | null | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found) return found;
    await setTimeout(100);
  }
}

interface Snapshots {
  readonly snapshots: readonly { id: string; worktree: string; session: string | null; cause: string }[];
}

test("a keeper saves each session's work, tells who collides, and arms the guard again where a tool switched it off", async () => {
  const { clone, a, b } = createParties();
  onCleanup(() => void clone.bulkhead(["keeper", "stop"], KEEPER));
  expect(clone.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
  clone.git("config", "bulkhead.snapshotSeconds", "1");
  for (const [party, text] of [
    [a, "of a\n"],
    [b, "of b\n"],
  ] as const) {
    party.worktree.write("README.md", text);
    party.worktree.write("notes.txt", `untracked ${text}`);
  }
  const start = (party: Party, item: string) =>
    party.worktree.bulkheadJson<Document>(["start", item, "--pid", party.pid], KEEPER);
  start(a, "X-1");
  start(b, "Y-2");
  // On a busy machine the first snapshots cost so much that the next would be long in coming.
  const nudge = () => {
    const { pid } = clone.bulkheadJson<{ pid: number | null }>(["keeper", "status"], KEEPER).json;
    if (pid !== null) process.kill(pid, "SIGUSR2");
    return pid !== null;
  };
  await until(nudge);
  const overlapsFile = join(clone.path, ".git", "bulkhead", "overlaps.json");
  const overlaps = () =>
    existsSync(overlapsFile) ? (JSON.parse(readFileSync(overlapsFile, "utf8")).overlaps as Overlap[]) : [];
  const [found] = await until(() => (overlaps().length > 0 ? overlaps() : nudge() && null));
  expect(found).toMatchObject({ with_base: false, files: ["README.md", "notes.txt"] });
  expect(found?.conflicts).toEqual(["README.md", "notes.txt"]);
  expect(found?.between.map(({ item }) => item)).toEqual(["X-1", "Y-2"]);

  const { snapshots } = clone.bulkheadJson<Snapshots>(["snapshot", "list", "--all"]).json;
  expect(snapshots.map(({ worktree, cause }) => `${worktree} ${cause}`).sort()).toEqual([
    `${a.worktree.path} by the keeper`,
    `${b.worktree.path} by the keeper`,
  ]);
  for (const { session } of snapshots) expect(session).toMatch(/…$/);
  // Nobody asked, and everything is back.
  a.worktree.git("reset", "-q", "--hard");
  a.worktree.git("clean", "-fdxq");
  expect(a.worktree.bulkhead(["snapshot", "restore", "--here"]).exitCode).toBe(0);
  expect([a.worktree.read("README.md"), a.worktree.read("notes.txt")]).toEqual(["of a\n", "untracked of a\n"]);

  // Who looks is told, without looking at the files again.
  expect(b.run("status").stdout).toMatch(/overlap +would conflict with X-1 in .*\/a: README\.md, notes\.txt/);
  expect(clone.bulkhead(["sessions"]).stdout).toMatch(/X-1 and Y-2 would conflict: README\.md, notes\.txt/);

  b.worktree.git("config", "extensions.worktreeConfig", "true");
  b.worktree.git("config", "--worktree", "core.hooksPath", "/nowhere/hooks");
  await until(() => nudge() && b.worktree.tryGit(["config", "core.hooksPath"]).stdout.includes("bulkhead/hooks"));
  const log = () => clone.bulkhead(["events", "--type", "guard_disarmed"]).stdout;
  expect(await until(() => log().includes("guard_disarmed") && log())).toContain("rearmed");
});

test("snapshots take at most a fiftieth of a core, however much they cost", () => {
  expect(nextWait(100, 60_000)).toBe(60_000);
  expect(nextWait(3_000, 60_000)).toBe(150_000);
});
