import { expect, test } from "vitest";
import { parseSessionId } from "../../../src/domain/names.ts";
import type { Owner, Session } from "../../../src/domain/session.ts";
import { decideStart, type StartFacts } from "../../../src/session/start-policy.ts";
import { branch, item, owner } from "../../db/session-fixtures.ts";

const X = item("X-1");
const Y = item("Y-2");
const ME = owner(1);
const OTHER = owner(2);
/** Another owner at my terminal. */
const NEIGHBOUR = owner(2, { terminal: ME.terminal });

function session(overrides: Partial<Session> & { readonly owner: Owner }): Session {
  return {
    id: parseSessionId(`session_${overrides.owner.process?.pid ?? "none"}-${overrides.item ?? "idle"}`),
    repository: "example.test/clone",
    status: overrides.item === null ? "idle" : "active",
    item: X,
    claimEpoch: 1,
    hostname: "host-1",
    worktree: "/w/elsewhere",
    branch: branch("feat/x"),
    codebase: "clone",
    heartbeatAt: "2026-03-01T10:00:00.000Z",
    heartbeatAgeSeconds: 0,
    claimedAt: null,
    createdAt: "2026-03-01T10:00:00.000Z",
    releasedAt: null,
    releasedReason: null,
    metadata: {},
    ...overrides,
  };
}

function decide(sessions: Session[], facts: Partial<StartFacts> = {}): string {
  const plan = decideStart({ item: X, owner: ME, worktree: "/w/here", sessions, gone: [], share: false, ...facts });
  if (plan.kind === "refuse") return plan.code;
  if (plan.kind === "already") return "already";
  return plan.others.length > 0 ? `claim, noting ${plan.others.map((other) => other.item).join()}` : "claim";
}

const HERE = "/w/here";

const TABLE: [string, Session[], Partial<StartFacts>, string][] = [
  ["nobody is at work", [], {}, "claim"],
  ["same owner, same item", [session({ owner: ME, worktree: HERE })], {}, "already"],
  ["same owner, same item, stale", [session({ owner: ME, worktree: HERE, heartbeatAgeSeconds: 900 })], {}, "already"],
  ["same owner, other item", [session({ owner: ME, worktree: HERE, item: Y })], {}, "claim"],
  ["same owner has it in another worktree", [session({ owner: ME })], {}, "GATE_MULTI_SESSION_CLAIM_CONFLICT"],
  ["a live session elsewhere has it", [session({ owner: OTHER })], {}, "GATE_MULTI_SESSION_CLAIM_CONFLICT"],
  [
    "at 299 seconds it is live",
    [session({ owner: OTHER, heartbeatAgeSeconds: 299 })],
    {},
    "GATE_MULTI_SESSION_CLAIM_CONFLICT",
  ],
  ["at 300 seconds it is stale", [session({ owner: OTHER, heartbeatAgeSeconds: 300 })], {}, "claim"],
  ["another owner at this terminal has it", [session({ owner: NEIGHBOUR })], {}, "CONFLICT"],
  [
    "another owner at this terminal has another item",
    [session({ owner: NEIGHBOUR, item: Y })],
    {},
    "claim, noting Y-2",
  ],
  ["another owner at this terminal is idle", [session({ owner: NEIGHBOUR, item: null })], {}, "claim"],
  ["a stale one at this terminal", [session({ owner: NEIGHBOUR, item: Y, heartbeatAgeSeconds: 300 })], {}, "claim"],
  [
    "the worktree is another live session's",
    [session({ owner: OTHER, worktree: HERE, item: Y })],
    {},
    "WORKTREE_IN_USE",
  ],
  [
    "the worktree is an idle live session's",
    [session({ owner: OTHER, worktree: HERE, item: null })],
    {},
    "WORKTREE_IN_USE",
  ],
  ["it has this item too", [session({ owner: OTHER, worktree: HERE })], {}, "WORKTREE_IN_USE"],
  ["it is at this terminal and has this item", [session({ owner: NEIGHBOUR, worktree: HERE })], {}, "CONFLICT"],
  ["--share joins the worktree", [session({ owner: OTHER, worktree: HERE, item: Y })], { share: true }, "claim"],
  [
    "--share shares no item",
    [session({ owner: OTHER, worktree: HERE })],
    { share: true },
    "GATE_MULTI_SESSION_CLAIM_CONFLICT",
  ],
  [
    "the worktree's session is stale",
    [session({ owner: OTHER, worktree: HERE, heartbeatAgeSeconds: 300 })],
    {},
    "claim",
  ],
  [
    "who joined before may switch items",
    [session({ owner: ME, worktree: HERE, item: Y }), session({ owner: OTHER, worktree: HERE, item: item("Z") })],
    {},
    "claim",
  ],
  [
    "an ended session has nothing",
    [session({ owner: OTHER, worktree: HERE, status: "released", item: null })],
    {},
    "claim",
  ],
];

test.each(TABLE)("%s", (_, sessions, facts, verdict) => {
  expect(decide(sessions, facts)).toBe(verdict);
});

test.each([HERE, "/w/elsewhere"])("a session whose process is gone stands in nobody's way (%s)", (worktree) => {
  const lost = session({ owner: OTHER, worktree });
  const gone = [{ sessionId: lost.id, process: { pid: 1002, startedAt: "boot.2" } }];
  expect(decide([lost], { gone })).toBe("claim");
});

test("conversations are told apart although one process hosts them", () => {
  const talk = (agentSession: string) => ({ ...ME, agentSession });
  const first = session({ owner: talk("one"), worktree: HERE });
  expect(decide([first], { owner: talk("one") })).toBe("already");
  expect(decide([first], { owner: talk("two") })).toBe("CONFLICT");
  expect(decide([first], { owner: ME })).toBe("CONFLICT");
});

test("owners without a process and a conversation are told apart by their terminal", () => {
  const anonymous = (n: number) => owner(n, { process: null });
  const first = session({ owner: anonymous(1), worktree: HERE });
  expect(decide([first], { owner: anonymous(1) })).toBe("already");
  expect(decide([first], { owner: anonymous(2) })).toBe("WORKTREE_IN_USE");
});

test("without a terminal device no two owners are at one terminal", () => {
  const terminal = { id: "win-ppid-7", identity: "machine-1:win-ppid-7", tty: null };
  const other = session({ owner: owner(2, { terminal }) });
  expect(decide([other], { owner: owner(1, { terminal }) })).toBe("GATE_MULTI_SESSION_CLAIM_CONFLICT");
});
