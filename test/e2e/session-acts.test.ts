import { expect, test } from "vitest";
import { createGround } from "../support/repository.ts";
import type { Document } from "./session-ground.ts";

/** Two agents at work in worktrees of their own, in an armed clone; their commands tell which agent runs them. */
function agents() {
  const { clone } = createGround();
  clone.bulkhead(["init", "--quiet"]);
  const agent = (name: string, item: string) => {
    const worktree = clone.addWorktree(name, `feat/${name}`);
    const options = { env: { CLAUDE_CODE_SESSION_ID: `agent-${name}` } };
    const { json } = worktree.bulkheadJson<Document>(["start", item], options);
    return { worktree, options, id: String(json.session_id) };
  };
  const [a, b] = [agent("a", "X-1"), agent("b", "Y-2")];
  const events = (type: string) =>
    clone.bulkheadJson<{ events: Document[] }>(["events", "--type", type]).json.events.map((event) => event.session_id);
  const short = (id: string) => `${id.slice(0, 16)}…`;
  return { clone, a, b, events, short };
}

test("a refusal says which session moved HEAD, and on what it works; the act is booked to that one", () => {
  const { a, b, events, short } = agents();
  b.worktree.tryGit(["-C", a.worktree.path, "switch", "-q", "-c", "feat/strayed"], b.options);
  const { exitCode, stderr } = a.worktree.tryGit(["commit", "--allow-empty", "-m", "astray"], a.options);
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain(`Session ${short(b.id)} (Y-2) of ${b.worktree.path} moved HEAD from 'feat/a'`);
  expect(events("branch_changed")).toEqual([short(b.id)]);
  const { sessions } = a.worktree.bulkheadJson<{ sessions: Document[] }>(["sessions"]).json;
  expect(sessions.map((row) => [row.sd_id, row.current_branch])).toEqual([
    ["X-1", "feat/strayed"],
    ["Y-2", "feat/b"],
  ]);
});

test("where no session is known, git's own identity is all that can be said", () => {
  const { a, events, short } = agents();
  a.worktree.git("switch", "-q", "-c", "feat/strayed");
  const { stderr } = a.worktree.tryGit(["commit", "--allow-empty", "-m", "astray"], a.options);
  expect(stderr).toContain("moved HEAD from 'feat/a'");
  expect(stderr).not.toContain("Session session_");
  expect(events("branch_changed")).toEqual([short(a.id)]);
});

test("a bypass and a recovery are booked to whose command they were", () => {
  const { clone, a, b, events, short } = agents();
  const lost = b.worktree.commit("will be lost");
  b.worktree.git("reset", "-q", "--hard", "HEAD~1");
  b.worktree.bulkhead(["recover", "--recover", lost], b.options);
  expect(events("commit_recovered")).toEqual([short(b.id)]);
  a.worktree.git("switch", "-q", "-c", "feat/strayed");
  const skip = { env: { ...b.options.env, SKIP_BRANCH_GUARD: "1" } };
  expect(b.worktree.tryGit(["-C", a.worktree.path, "commit", "-q", "--allow-empty", "-m", "x"], skip).exitCode).toBe(0);
  expect(events("guard_bypassed")).toEqual([short(b.id)]);
  expect(clone.branch()).toBe("main");
});
