import { expect, test } from "vitest";
import { parseSessionId } from "../../../src/domain/names.ts";
import { isSameConversation } from "../../../src/domain/owner.ts";
import type { Session } from "../../../src/domain/session.ts";
import { findConcurrent } from "../../../src/session/concurrency.ts";
import { branch, item, owner } from "../../db/session-fixtures.ts";

const MAIN = branch("main");

function session(n: number, on: string | null, overrides: Partial<Session> = {}): Session {
  return {
    id: parseSessionId(`session_${n}`),
    repository: "r",
    status: "active",
    item: item(`X-${n}`),
    claimEpoch: 1,
    owner: owner(n),
    hostname: "h",
    worktree: `/w/${n}`,
    branch: on === null ? null : branch(on),
    codebase: "c",
    heartbeatAt: "",
    heartbeatAgeSeconds: 0,
    claimedAt: null,
    createdAt: `2026-03-01T10:00:0${n}.000Z`,
    releasedAt: null,
    releasedReason: null,
    metadata: {},
    ...overrides,
  };
}

const NAMES: [string, string | null, string | null, boolean][] = [
  ["the same branch", "feat/a", "feat/a", true],
  ["different branches", "feat/a", "feat/b", false],
  ["the other on the base", "feat/a", "main", true],
  ["this one on the base", "main", "feat/b", true],
  ["the other's branch unknown", "feat/a", null, true],
  ["this one's branch unknown", null, "feat/b", true],
];

test.each(NAMES)("concurrent or not: %s", (_, mine, theirs, expected) => {
  const [self, other] = [session(1, mine), session(2, theirs)];
  const { others } = findConcurrent({ self, branch: self.branch, base: MAIN, sessions: [self, other], gone: [] });
  expect(others.length === 1).toBe(expected);
});

test("never itself, nor one that is stale, gone or has ended", () => {
  const self = session(1, "feat/a");
  const gone = session(3, "feat/a");
  const sessions = [
    self,
    session(2, "feat/a", { heartbeatAgeSeconds: 300 }),
    gone,
    session(4, "feat/a", { status: "released", item: null }),
  ];
  const facts = {
    self,
    branch: self.branch,
    base: MAIN,
    sessions,
    gone: [{ sessionId: gone.id, process: { pid: 1003, startedAt: "boot.3" } }],
  };
  expect(findConcurrent(facts)).toEqual({ others: [], shouldMove: false });
});

test("a session with a heartbeat of 299 seconds still counts", () => {
  const self = session(1, "feat/a");
  const other = session(2, "feat/a", { heartbeatAgeSeconds: 299 });
  expect(findConcurrent({ self, branch: self.branch, base: MAIN, sessions: [self, other], gone: [] }).others).toEqual([
    other,
  ]);
});

test.each([0, 1])("of two that start at once exactly one is told to move (same time: %i)", (same) => {
  const first = session(1, "feat/a");
  const second = session(2, "feat/a", same === 1 ? { createdAt: first.createdAt } : {});
  const told = [first, second].map(
    (self) => findConcurrent({ self, branch: self.branch, base: MAIN, sessions: [first, second], gone: [] }).shouldMove,
  );
  expect(told).toEqual([false, true]);
});

test("who has not registered yet is the one to move", () => {
  const facts = { self: null, branch: branch("feat/a"), base: MAIN, sessions: [session(1, "feat/a")], gone: [] };
  expect(findConcurrent(facts).shouldMove).toBe(true);
});

const P = { pid: 1, startedAt: "s" };

test.each([
  ["one agent session id", { agentSession: "a" }, { agentSession: "a" }, true],
  ["two agent session ids", { agentSession: "a" }, { agentSession: "b" }, false],
  [
    "one agent session id and none, in one process",
    { agentSession: "a", process: P, machineId: "m" },
    { process: P, machineId: "m" },
    false,
  ],
  ["one process", { process: P, machineId: "m" }, { process: P, machineId: "m" }, true],
  ["one process number on two machines", { process: P, machineId: "m" }, { process: P, machineId: "n" }, false],
  [
    "one process number at two times",
    { process: P, machineId: "m" },
    { process: { pid: 1, startedAt: "t" }, machineId: "m" },
    false,
  ],
  [
    "unknown start times",
    { process: { pid: 1, startedAt: null }, machineId: "m" },
    { process: { pid: 1, startedAt: null }, machineId: "m" },
    false,
  ],
  ["unknown machines", { process: P }, { process: P }, false],
  ["nothing known", {}, {}, false],
  ["empty ids", { agentSession: "" }, { agentSession: "" }, false],
])("the same conversation or not: %s", (_, a, b, same) => {
  expect(isSameConversation(a, b)).toBe(same);
  expect(isSameConversation(b, a)).toBe(same);
});
