import { expect, test } from "vitest";
import { decideClaim, isLive, refuseStart, takeOverReason } from "../../../src/domain/claim-rules.ts";
import { parseSessionId } from "../../../src/domain/names.ts";
import type { GoneOwner, Session } from "../../../src/domain/session.ts";
import { branch, item, owner } from "../../db/session-fixtures.ts";

const X = item("X-1");
const Y = item("Y-2");

function session(n: number, overrides: Partial<Session> = {}): Session {
  return {
    id: parseSessionId(`session_${n}`),
    repository: "r",
    status: "active",
    item: X,
    claimEpoch: 1,
    owner: owner(n),
    hostname: "h",
    worktree: `/w/${n}`,
    branch: branch("b"),
    codebase: "c",
    heartbeatAt: "",
    heartbeatAgeSeconds: 0,
    claimedAt: null,
    createdAt: "",
    releasedAt: null,
    releasedReason: null,
    metadata: {},
    ...overrides,
  };
}

function goneOf({ id, owner: { process } }: Session, startedAt = process?.startedAt ?? null): GoneOwner {
  return { sessionId: id, process: { pid: process?.pid ?? 0, startedAt } };
}

test.each([
  ["heard of just now", session(1), [], null],
  ["silent for 299 s", session(1, { heartbeatAgeSeconds: 299 }), [], null],
  ["silent for 300 s", session(1, { heartbeatAgeSeconds: 300 }), [], "stale_cleanup"],
  ["whose process is gone", session(1), [goneOf(session(1))], "process_exit"],
  ["whose number another process had", session(1), [goneOf(session(1), "boot.earlier")], null],
  ["beside one whose process is gone", session(1), [goneOf(session(2))], null],
  ["without a process", session(1, { owner: owner(1, { process: null }) }), [goneOf(session(1))], null],
] as [string, Session, GoneOwner[], string | null][])("a session %s", (_, one, gone, reason) => {
  expect(takeOverReason(one, gone)).toBe(reason);
  expect(isLive(one, gone)).toBe(reason === null);
  expect(isLive({ ...one, status: "released" }, gone)).toBe(false);
});

test("a claim is granted, kept, or refused with the reason", () => {
  const idle = session(2, { status: "idle", item: null });
  const kinds = [
    decideClaim(null, X, null, []),
    decideClaim(session(2, { status: "released", item: null }), X, null, []),
    decideClaim(session(1), X, session(1), []),
    decideClaim(idle, X, session(1), []),
    decideClaim(idle, Y, null, []),
  ].map(({ kind }) => kind);
  expect(kinds).toEqual(["session_not_found", "session_released", "keep", "already_claimed", "grant"]);
  const stale = session(1, { heartbeatAgeSeconds: 300 });
  expect(decideClaim(idle, X, stale, [])).toEqual({
    kind: "grant",
    session: idle,
    from: { holder: stale, reason: "stale_cleanup" },
  });
});

test("a start is refused for the item first, then for the worktree unless it is shared", () => {
  const other = session(3, { item: Y });
  expect(refuseStart(session(1), [other], { gone: [], share: false })?.kind).toBe("already_claimed");
  expect(refuseStart(null, [other], { gone: [], share: false })?.kind).toBe("worktree_in_use");
  expect(refuseStart(null, [other], { gone: [], share: true })).toBeNull();
  expect(refuseStart(session(1), [other], { gone: [goneOf(session(1)), goneOf(other)], share: false })).toBeNull();
});
