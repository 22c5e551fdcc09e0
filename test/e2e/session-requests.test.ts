import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createParties, type Document, letTimePassInSilence, Party } from "./session-ground.ts";

const WORDS = "need it for the release";

/** Two parties in an armed clone, the first with the item, of which the second has asked for it. */
function asked() {
  const ground = createParties();
  const { clone, a, b } = ground;
  clone.bulkhead(["init", "--quiet"]);
  a.run("start", "X-1");
  const request = b.json("request", "X-1", "--message", WORDS);
  const [asker = ""] = String(request.json.session_id).split("…");
  return { ...ground, request, asker: asker.slice(0, 16) };
}

test("a request reaches the holder once, at its next commit", () => {
  const { a, request, asker } = asked();
  expect(request).toMatchObject({ exitCode: 0, json: { sd_id: "X-1", asked: true, holder: { own: false } } });
  const commit = () => a.worktree.tryGit(["commit", "-q", "--allow-empty", "-m", "work"]);
  const { exitCode, stderr } = commit();
  expect(exitCode).toBe(0);
  expect(stderr).toContain(`bulkhead: Session ${asker}… asks for X-1: "${WORDS}"`);
  expect(stderr).toContain(`git bulkhead release --to ${asker}`);
  expect(commit().stderr).toBe("");
  expect(a.run("status").stderr).not.toContain("asks for");
});

test("or at its next command, where somebody reads it; status shows it as long as it stands", () => {
  const { a, b } = asked();
  expect(b.run("status").stderr).not.toContain("asks for");
  // Another terminal at the same worktree is not its session, and a script reads no notes.
  expect(new Party(a.worktree).run("sessions").stderr).not.toContain("asks for");
  expect(a.json("status").json.requests).toMatchObject([{ sd_id: "X-1", message: WORDS }]);
  expect(a.run("status").stderr).toContain("asks for X-1");
  const { stdout, stderr } = a.run("status");
  expect(stderr).not.toContain("asks for");
  expect(stdout).toContain(WORDS);
  a.run("release");
  expect(a.json("status").json.requests).toEqual([]);
});

test("a claim is handed over in one step of the epoch, and both worktrees' files say so", () => {
  const { clone, a, b, asker } = asked();
  b.worktree.run("cat", [".session.json"], { check: false });
  const { exitCode, json } = a.json("release", "--to", asker);
  expect({ exitCode, json }).toMatchObject({ exitCode: 0, json: { handed_over: "X-1", claim_epoch: 2, ended: false } });
  expect(a.file()).not.toHaveProperty("sdKey");
  const { sessions } = clone.bulkheadJson<{ sessions: Document[] }>(["sessions"]).json;
  expect(sessions.map((row) => [row.sd_id, row.worktree])).toEqual([
    [null, a.worktree.path],
    ["X-1", b.worktree.path],
  ]);
  expect(b.run("status").stderr).toContain("has handed X-1 over to you");
  expect(b.json("start", "X-1")).toMatchObject({ exitCode: 0, json: { new_claim: false, claim_epoch: 2 } });
  expect(b.file()).toMatchObject({ sdKey: "X-1", claimEpoch: 2, expectedBranch: "feat/b" });
});

test("a hand-over that would lose something is refused and changes nothing", async () => {
  const { a, b, asker, clone } = asked();
  const before = () => clone.bulkheadJson<{ sessions: Document[] }>(["sessions"]).json.sessions.map((row) => row.sd_id);
  expect(b.json("release", "X-1", "--to", asker).json.error?.code).toBe("CLAIM_HELD_BY_OTHER");
  expect(a.json("release", "--to", "session_nobody").json.error?.code).toBe("SESSION_NOT_FOUND");
  b.run("start", "Y-2");
  expect(a.json("release", "--to", asker)).toMatchObject({ exitCode: 1, json: { error: { code: "RECEIVER_BUSY" } } });
  await b.kill();
  expect(a.json("release", "--to", asker).json.error?.code).toBe("RECEIVER_AWAY");
  expect(before()).toEqual(["X-1", "Y-2"]);
});

test("who asks for what nobody holds, or nobody guards any more, is told what to do instead", () => {
  const { a, b, database } = createParties();
  a.run("start", "X-1");
  expect(a.json("request", "X-1")).toMatchObject({ exitCode: 0, json: { asked: false } });
  expect(b.json("request", "X-2").json.error).toMatchObject({
    code: "ITEM_NOT_CLAIMED",
    message: expect.stringContaining("Did you mean 'X-1'?"),
  });
  letTimePassInSilence(database, 301);
  expect(b.json("request", "X-1").json.error?.code).toBe("CLAIM_ABANDONED");
});

test("release of a name that nobody ever claimed is refused by name; of a free item it is no error", () => {
  const { a, b } = createParties();
  a.run("start", "LOGIN-1");
  expect(b.json("release", "LOGIM-1")).toMatchObject({
    exitCode: 1,
    json: { error: { code: "ITEM_NOT_CLAIMED", message: expect.stringContaining("Did you mean 'LOGIN-1'?") } },
  });
  a.run("release");
  expect(b.json("release", "LOGIN-1")).toMatchObject({ exitCode: 0, json: { released_sd: null } });
});

test("what the owner does counts as a sign of life, what others do there does not", () => {
  const { a, b, database } = createParties();
  a.run("start", "X-1");
  letTimePassInSilence(database, 3600);
  const activity = join(a.worktree.git("rev-parse", "--absolute-git-dir"), "bulkhead-worktree/activity");
  a.worktree.run("rm", ["-f", activity]);
  b.run("-C", a.worktree.path, "gate", "X-1");
  expect(existsSync(activity)).toBe(false);
  a.worktree.run("rm", ["-f", activity]);
  a.run("gate", "X-1");
  expect(existsSync(activity)).toBe(true);
  expect(b.json("start", "X-1")).toMatchObject({ exitCode: 1, json: { error: { data: { life: "alive" } } } });
});
