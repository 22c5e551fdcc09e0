import { expect, test } from "vitest";
import type { HandoffStatus } from "../../src/domain/handoff.ts";
import { parseSessionId, type SessionId } from "../../src/domain/names.ts";
import type { Session } from "../../src/domain/session.ts";
import { sessionHealth } from "../../src/domain/session-health.ts";
import type { SessionStore } from "../../src/store/session-store.ts";
import { branch, item, owner, registration, TestClock } from "./session-fixtures.ts";

/** Opens a store on the test's own database, as often as it is called, with the clock given. */
export interface StoreUnderTest {
  open(clock: () => string): Promise<SessionStore>;
}

const NOBODY = parseSessionId("session_nobody");
const X = item("X-1");
const Y = item("Y-2");

/** The cases that every session store must pass. */
export function sessionStoreContract(create: () => StoreUnderTest): void {
  const open = async () => {
    const clock = new TestClock();
    const store = await create().open(clock.read);
    return { clock, store, start: (n: number) => started(store, n) };
  };
  const types = async (store: SessionStore, sessionId: SessionId) =>
    (await store.listEvents({ sessionId })).map((event) => event.type).reverse();

  test("a registered session is idle, alive and found by its id", async () => {
    const { store } = await open();
    const { session, conflict, replaced } = await store.register(registration(1, { metadata: { tool: "t" } }));
    expect(session).toMatchObject({ status: "idle", item: null, claimEpoch: null, heartbeatAgeSeconds: 0 });
    expect(session).toMatchObject({ owner: owner(1), worktree: "/w/1", branch: "feat/1", metadata: { tool: "t" } });
    expect([conflict, replaced]).toEqual([null, []]);
    expect(await store.findSession(session.id)).toEqual(session);
    expect(await store.findSession(NOBODY)).toBeNull();
    expect(await types(store, session.id)).toEqual(["created"]);
  });

  test("session ids cannot be guessed", async () => {
    const { store } = await open();
    const ids = await Promise.all([1, 2, 3].map(async (n) => (await store.register(registration(n))).session.id));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^session_[0-9a-f-]{36}$/);
  });

  test("a claim makes the session active with the item's first epoch", async () => {
    const { store, start } = await open();
    const session = await start(1);
    const outcome = await store.claim(session.id, X);
    expect(outcome).toMatchObject({ kind: "claimed", fresh: true, tookOver: null, switchedFrom: null });
    expect(await store.findSession(session.id)).toMatchObject({ status: "active", item: X, claimEpoch: 1 });
    expect(await store.findHolder(X)).toMatchObject({ id: session.id });
    expect(await types(store, session.id)).toEqual(["created", "claimed"]);
  });

  test("claiming what one holds is nothing new, but a sign of life", async () => {
    const { store, start, clock } = await open();
    const session = await start(1);
    await store.claim(session.id, X);
    clock.advance(299);
    expect(await store.claim(session.id, X)).toMatchObject({ kind: "claimed", fresh: false });
    expect(await store.findSession(session.id)).toMatchObject({ claimEpoch: 1, heartbeatAgeSeconds: 0 });
    expect(await types(store, session.id)).toEqual(["created", "claimed"]);
  });

  test("an item of a live session is refused and nothing changes", async () => {
    const { store, start, clock } = await open();
    const [first, second] = [await start(1), await start(2)];
    await store.claim(first.id, X);
    clock.advance(299);
    const before = await store.listSessions();
    expect(await store.claim(second.id, X)).toMatchObject({
      kind: "already_claimed",
      holder: { id: first.id, heartbeatAgeSeconds: 299 },
    });
    expect(await store.listSessions()).toEqual(before);
    expect(await types(store, second.id)).toEqual(["created"]);
  });

  test("a stale claim is taken over at 300 seconds, with a greater epoch", async () => {
    const { store, start, clock } = await open();
    const [first, second] = [await start(1), await start(2)];
    await store.claim(first.id, X);
    clock.advance(300);
    expect(await store.claim(second.id, X)).toMatchObject({ kind: "claimed", fresh: true, tookOver: { id: first.id } });
    expect(await store.findSession(first.id)).toMatchObject({
      status: "released",
      item: null,
      releasedReason: "stale_cleanup",
    });
    expect(await store.isClaimCurrent(first.id, X, 1)).toBe(false);
    expect(await store.isClaimCurrent(second.id, X, 2)).toBe(true);
    expect(await types(store, first.id)).toEqual(["created", "claimed", "stale_detected", "stale_cleanup"]);
  });

  test("a fresh claim is taken over when its owner's process was seen gone", async () => {
    const { store, start } = await open();
    const [first, second] = [await start(1), await start(2)];
    await store.claim(first.id, X);
    const gone = [{ sessionId: first.id, process: processOf(first) }];
    expect(await store.claim(second.id, X, gone)).toMatchObject({ kind: "claimed", tookOver: { id: first.id } });
    expect(await store.findSession(first.id)).toMatchObject({ releasedReason: "process_exit" });
  });

  test("a gone process does not count against a session that names another one", async () => {
    const { store, start } = await open();
    const [first, second] = [await start(1), await start(2)];
    await store.claim(first.id, X);
    const gone = [{ sessionId: first.id, process: { ...processOf(first), startedAt: "an earlier process" } }];
    expect(await store.claim(second.id, X, gone)).toMatchObject({ kind: "already_claimed" });
  });

  test("claiming for a session that is not there, or has ended, is told apart and claims nothing", async () => {
    const { store, start } = await open();
    const session = await start(1);
    await store.endSession(session.id, "graceful_exit");
    expect(await store.claim(NOBODY, X)).toEqual({ kind: "session_not_found" });
    expect(await store.claim(session.id, X)).toMatchObject({ kind: "session_released" });
    expect(await store.findHolder(X)).toBeNull();
  });

  test("switching items frees the first and says so", async () => {
    const { store, start } = await open();
    const [first, second] = [await start(1), await start(2)];
    await store.claim(first.id, X);
    expect(await store.claim(first.id, Y)).toMatchObject({ kind: "claimed", fresh: true, switchedFrom: X });
    expect(await store.findHolder(X)).toBeNull();
    expect(await store.claim(second.id, X)).toMatchObject({ kind: "claimed", session: { claimEpoch: 2 } });
    const released = (await store.listEvents({ sessionId: first.id, types: ["released"] }))[0];
    expect(released?.data).toMatchObject({ sd_id: X, reason: "claim_switch", ended: false });
  });

  test("a refused switch keeps the item that was held", async () => {
    const { store, start } = await open();
    const [first, second] = [await start(1), await start(2)];
    await store.claim(first.id, X);
    await store.claim(second.id, Y);
    expect(await store.claim(first.id, Y)).toMatchObject({ kind: "already_claimed" });
    expect(await store.isClaimCurrent(first.id, X, 1)).toBe(true);
  });

  test("each new claim of an item has a greater epoch, also after releases", async () => {
    const { store, start } = await open();
    const sessions = [await start(1), await start(2)];
    const epochs: (number | null)[] = [];
    for (let round = 0; round < 6; round++) {
      const session = sessions[round % 2] as Session;
      const outcome = await store.claim(session.id, X);
      if (outcome.kind === "claimed") epochs.push(outcome.session.claimEpoch);
      await store.releaseClaim(session.id, "graceful_exit");
    }
    expect(epochs).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("an earlier claim's epoch is not current when the same session claims again", async () => {
    const { store, start } = await open();
    const session = await start(1);
    await store.claim(session.id, X);
    await store.releaseClaim(session.id, "manual");
    await store.claim(session.id, X);
    expect(await store.isClaimCurrent(session.id, X, 1)).toBe(false);
    expect(await store.isClaimCurrent(session.id, X, 2)).toBe(true);
    expect(await store.isClaimCurrent(session.id, Y, 2)).toBe(false);
  });

  test("confirming a claim is a sign of life of whoever has it, and of nobody else", async () => {
    const { store, start, clock } = await open();
    const [first, second] = [await start(1), await start(2)];
    await store.claim(first.id, X);
    clock.advance(299);
    expect(await store.confirmClaim(first.id, X, 2)).toBe(false);
    expect(await store.confirmClaim(second.id, X, 1)).toBe(false);
    expect(await store.findSession(first.id)).toMatchObject({ heartbeatAgeSeconds: 299 });
    expect(await store.confirmClaim(first.id, X, 1)).toBe(true);
    clock.advance(299);
    expect(await store.claim(second.id, X)).toMatchObject({ kind: "already_claimed" });
    clock.advance(1);
    await store.claim(second.id, X);
    expect(await store.confirmClaim(first.id, X, 1)).toBe(false);
    expect(await store.findSession(first.id)).toMatchObject({ status: "released" });
  });

  test("releasing a claim leaves the session idle and alive; twice is no error and no event", async () => {
    const { store, start } = await open();
    const session = await start(1);
    await store.claim(session.id, X);
    expect(await store.releaseClaim(session.id, "manual")).toMatchObject({ kind: "released", item: X });
    expect(await store.releaseClaim(session.id, "manual")).toMatchObject({ kind: "nothing_to_release" });
    expect(await store.releaseClaim(NOBODY, "manual")).toEqual({ kind: "nothing_to_release", session: null });
    expect(await store.findSession(session.id)).toMatchObject({ status: "idle", releasedReason: "manual" });
    expect((await store.updateHeartbeat(session.id, null)).kind).toBe("beaten");
    expect(await types(store, session.id)).toEqual(["created", "claimed", "released", "branch_changed"]);
  });

  test("ending a session frees its item; twice is no error and no event", async () => {
    const { store, start } = await open();
    const session = await start(1);
    await store.claim(session.id, X);
    expect(await store.endSession(session.id, "graceful_exit")).toMatchObject({ kind: "released", item: X });
    expect(await store.endSession(session.id, "manual")).toMatchObject({ kind: "nothing_to_release" });
    expect(await store.findSession(session.id)).toMatchObject({ status: "released", releasedReason: "graceful_exit" });
    expect(await store.findHolder(X)).toBeNull();
    expect(await types(store, session.id)).toEqual(["created", "claimed", "released"]);
  });

  test("an operator frees an item whoever holds it", async () => {
    const { store, start } = await open();
    const session = await start(1);
    await store.claim(session.id, X);
    expect(await store.releaseItem(X)).toMatchObject({ kind: "released", session: { id: session.id, status: "idle" } });
    expect(await store.releaseItem(X)).toEqual({ kind: "nothing_to_release", session: null });
  });

  test("a heartbeat makes a session fresh and reports the branch", async () => {
    const { store, start, clock } = await open();
    const session = await start(1);
    clock.advance(250);
    expect(await store.updateHeartbeat(session.id, branch("feat/other"))).toMatchObject({
      kind: "beaten",
      session: { heartbeatAgeSeconds: 0, branch: "feat/other" },
    });
    const changed = (await store.listEvents({ sessionId: session.id, types: ["branch_changed"] }))[0];
    expect(changed?.data).toEqual({ from: "feat/1", to: "feat/other" });
  });

  test("a branch name longer than any column would be does not fail a heartbeat", async () => {
    const { store, start } = await open();
    const session = await start(1);
    expect((await store.updateHeartbeat(session.id, branch("b".repeat(1024)))).kind).toBe("beaten");
  });

  test("a heartbeat never revives a session that ended", async () => {
    const { store, start } = await open();
    const session = await start(1);
    await store.endSession(session.id, "manual");
    const ended = await store.findSession(session.id);
    expect(await store.updateHeartbeat(session.id, branch("feat/1"))).toMatchObject({ kind: "session_released" });
    expect(await store.updateHeartbeat(NOBODY, null)).toEqual({ kind: "session_not_found" });
    expect(await store.findSession(session.id)).toEqual(ended);
  });

  test("one step beats for many sessions, and tells of each what became of it", async () => {
    const { store, start, clock } = await open();
    const [first, second, ended] = [await start(1), await start(2), await start(3)];
    await store.endSession(ended.id, "manual");
    clock.advance(250);
    const outcomes = await store.updateHeartbeats([
      { sessionId: first.id, branch: branch("feat/other") },
      { sessionId: second.id },
      { sessionId: ended.id, branch: null },
      { sessionId: NOBODY },
    ]);
    expect(Object.fromEntries(outcomes.map(({ sessionId, kind }) => [sessionId, kind]))).toEqual({
      [first.id]: "beaten",
      [second.id]: "beaten",
      [ended.id]: "session_released",
      [NOBODY]: "session_not_found",
    });
    expect(await store.findSession(first.id)).toMatchObject({ heartbeatAgeSeconds: 0, branch: "feat/other" });
    expect(await store.findSession(second.id)).toMatchObject({ heartbeatAgeSeconds: 0, branch: "feat/2" });
    const changed = await store.listEvents({ types: ["branch_changed"] });
    expect(changed.map(({ sessionId, data }) => [sessionId, data])).toEqual([
      [first.id, { from: "feat/1", to: "feat/other" }],
    ]);
  });

  test("a claim is handed over in one step of the epoch", async () => {
    const { store, start } = await open();
    const [first, second] = [await start(1), await start(2)];
    await store.claim(first.id, X);
    await store.claim(second.id, Y);
    expect(await store.handOver(first.id, second.id, X)).toMatchObject({
      kind: "claimed",
      session: { id: second.id, item: X, claimEpoch: 2 },
      switchedFrom: Y,
    });
    expect(await store.findSession(first.id)).toMatchObject({ status: "idle", item: null });
    expect(await store.isClaimCurrent(first.id, X, 1)).toBe(false);
    expect(await store.findHolder(Y)).toBeNull();
  });

  test("what is not held, or would go to nobody, is not handed over", async () => {
    const { store, start } = await open();
    const [first, second, ended] = [await start(1), await start(2), await start(3)];
    await store.claim(first.id, X);
    await store.endSession(ended.id, "manual");
    expect((await store.handOver(first.id, second.id, Y)).kind).toBe("nothing_to_release");
    expect((await store.handOver(second.id, first.id, X)).kind).toBe("nothing_to_release");
    expect((await store.handOver(first.id, NOBODY, X)).kind).toBe("session_not_found");
    expect((await store.handOver(first.id, ended.id, X)).kind).toBe("session_released");
    expect(await store.isClaimCurrent(first.id, X, 1)).toBe(true);
  });

  test("a request reaches whoever holds the item, and the last ten are kept", async () => {
    const { store, start } = await open();
    const session = await start(1);
    expect(await store.requestClaim(X, { by: null, message: "soon?" })).toBeNull();
    await store.claim(session.id, X);
    for (let n = 0; n < 12; n++) await store.requestClaim(X, { by: "session_2…", message: `message ${n}` });
    const requests = (await store.findSession(session.id))?.metadata.requests as { message: string }[];
    expect(requests).toHaveLength(10);
    expect(requests.at(-1)).toMatchObject({ sd_id: X, by: "session_2…", message: "message 11" });
  });

  test("a failed handoff stands until a retry passes, and only those of its item and type are resolved by it", async () => {
    const { store, clock } = await open();
    const add = (key: typeof X, type: string, status: HandoffStatus) =>
      store.addHandoff({
        item: key,
        type,
        status,
        reason: status === "accepted" ? null : "tests fail",
        sessionId: null,
      });
    const failed = await add(X, "PLAN-TO-EXEC", "rejected");
    clock.advance(60);
    const [otherItem, otherType] = [await add(Y, "PLAN-TO-EXEC", "failed"), await add(X, "LEAD-TO-PLAN", "blocked")];
    clock.advance(7140);
    expect(await store.listHandoffs({ item: X, unresolved: true })).toMatchObject([
      { id: failed.id, ageHours: 2, reason: "tests fail", resolvedAt: null },
      { id: otherType.id },
    ]);
    const passed = await add(X, "PLAN-TO-EXEC", "accepted");
    expect((await store.listHandoffs({ unresolved: true })).map(({ id }) => id).sort()).toEqual(
      [otherItem.id, otherType.id].sort(),
    );
    expect(await store.listHandoffs({ item: X })).toMatchObject([
      { id: failed.id, resolution: "retry_succeeded", resolvedAt: clock.read() },
      { id: otherType.id, resolution: null },
      { id: passed.id, status: "accepted" },
    ]);
  });

  test("notes of a handoff can be set without resolving it", async () => {
    const { store } = await open();
    const { id } = await store.addHandoff({
      item: X,
      type: "PLAN-TO-EXEC",
      status: "failed",
      reason: null,
      sessionId: null,
    });
    expect(await store.resolveHandoff(id, { type: null, notes: "a flaky test" })).toMatchObject({
      notes: "a flaky test",
      resolvedAt: null,
      resolution: null,
    });
    expect(await store.resolveHandoff(id, { type: "obsolete", notes: null })).toMatchObject({
      notes: "a flaky test",
      resolution: "obsolete",
    });
    expect(await store.listHandoffs({ unresolved: true })).toEqual([]);
    expect(await store.resolveHandoff("none-such", { type: "obsolete", notes: null })).toBeNull();
  });

  test("what ended long ago is archived in batches, and the rest stays", async () => {
    const { store, start, clock } = await open();
    const ended = [await start(1), await start(2), await start(3)];
    for (const { id } of ended) await store.endSession(id, "graceful_exit");
    clock.advance(31 * 86_400);
    const [alive, recent] = [await start(4), await start(5)];
    await store.endSession(recent.id, "graceful_exit");
    expect(await store.prune(30, 2)).toMatchObject({ sessions: 2, events: 2 });
    for (let moved = 1; moved > 0; ) {
      const { sessions, events } = await store.prune(30, 100);
      moved = sessions + events;
    }
    for (const { id } of ended) expect(await store.findSession(id)).toBeNull();
    expect((await store.listSessions({ ended: true })).map(({ id }) => id).sort()).toEqual(
      [alive.id, recent.id].sort(),
    );
    expect((await store.listEvents()).map(({ type }) => type)).toEqual(["released", "created", "created"]);
  });

  test("a clock set back makes no session stale and no age negative", async () => {
    const { store, start, clock } = await open();
    const [first, second] = [await start(1), await start(2)];
    await store.claim(first.id, X);
    clock.advance(-86_400);
    expect(await store.claim(second.id, X)).toMatchObject({
      kind: "already_claimed",
      holder: { heartbeatAgeSeconds: 0 },
    });
    await store.updateHeartbeat(first.id, null);
    clock.advance(300);
    expect(await store.claim(second.id, X)).toMatchObject({ kind: "claimed", session: { claimEpoch: 2 } });
  });

  test("a clock that jumps ahead lets a claim be taken, and its holder learns of it", async () => {
    const { store, start, clock } = await open();
    const [first, second] = [await start(1), await start(2)];
    await store.claim(first.id, X);
    clock.advance(86_400);
    expect(await store.claim(second.id, X)).toMatchObject({ kind: "claimed", tookOver: { id: first.id } });
    expect(await store.updateHeartbeat(first.id, null)).toMatchObject({ kind: "session_released" });
  });

  test("a live session of the same terminal stays and is reported as a conflict", async () => {
    const { store, clock } = await open();
    const { session: first } = await store.register(registration(1));
    await store.claim(first.id, X);
    clock.advance(299);
    const terminal = owner(1).terminal;
    const second = await store.register(registration(2, { owner: owner(2, { terminal }) }));
    expect(second).toMatchObject({ conflict: { id: first.id, item: X }, replaced: [] });
    expect(second.session.metadata).toEqual({
      conflict: true,
      conflict_session_id: first.id,
      conflict_sd_id: X,
      conflict_heartbeat_age_seconds: 299,
    });
    expect(await store.isClaimCurrent(first.id, X, 1)).toBe(true);
  });

  test("a stale session of the same terminal ends when another registers there", async () => {
    const { store, clock } = await open();
    const { session: first } = await store.register(registration(1));
    clock.advance(300);
    const second = await store.register(registration(2, { owner: owner(2, { terminal: owner(1).terminal }) }));
    expect(second).toMatchObject({ conflict: null, replaced: [first.id] });
    expect(await store.findSession(first.id)).toMatchObject({ releasedReason: "new_session_same_terminal" });
    expect(await types(store, first.id)).toEqual(["created", "terminal_replaced"]);
  });

  test("starting registers and claims in one step", async () => {
    const { store } = await open();
    const outcome = await store.registerAndClaim(registration(1), X, { share: false });
    expect(outcome).toMatchObject({ kind: "claimed", session: { status: "active", item: X, claimEpoch: 1 } });
  });

  test("a refused start leaves nothing behind", async () => {
    const { store } = await open();
    await store.registerAndClaim(registration(1), X, { share: false });
    const before = [await store.listSessions({ ended: true }), await store.listEvents()];
    const elsewhere = await store.registerAndClaim(registration(2), X, { share: true });
    const here = await store.registerAndClaim(registration(2, { worktree: "/w/1" }), Y, { share: false });
    expect([elsewhere.kind, here.kind]).toEqual(["already_claimed", "worktree_in_use"]);
    expect([await store.listSessions({ ended: true }), await store.listEvents()]).toEqual(before);
  });

  test("a worktree is free again when its session is stale or its process gone, and can be shared", async () => {
    const { store, clock } = await open();
    const first = await store.registerAndClaim(registration(1), X, { share: false });
    if (first.kind !== "claimed") throw new Error(first.kind);
    const shared = await store.registerAndClaim(registration(2, { worktree: "/w/1" }), Y, { share: true });
    expect(shared.kind).toBe("claimed");
    clock.advance(300);
    const next = await store.registerAndClaim(registration(3, { worktree: "/w/1" }), item("Z-3"), { share: false });
    expect(next.kind).toBe("claimed");
  });

  test("clean-up ends sessions whose process is gone and stale ones, and spares the rest", async () => {
    const { store, start, clock } = await open();
    const stale = await start(1);
    await store.claim(stale.id, X);
    clock.advance(200);
    const [gone, alive] = [await start(2), await start(3)];
    clock.advance(100);
    const outcome = await store.cleanup([{ sessionId: gone.id, process: processOf(gone) }]);
    expect(outcome.exited.map((session) => session.id)).toEqual([gone.id]);
    expect(outcome.stale.map((session) => session.id)).toEqual([stale.id]);
    expect((await store.listSessions()).map((session) => session.id)).toEqual([alive.id]);
    expect(await store.findHolder(X)).toBeNull();
    expect(await store.cleanup([])).toEqual({ exited: [], stale: [] });
  });

  test("ended sessions are listed for a day when asked for", async () => {
    const { store, start, clock } = await open();
    const session = await start(1);
    await store.endSession(session.id, "graceful_exit");
    expect(await store.listSessions()).toEqual([]);
    expect(await store.listSessions({ ended: true })).toHaveLength(1);
    clock.advance(86_400);
    expect(await store.listSessions({ ended: true })).toEqual([]);
  });

  test("an event whose id is known is not recorded again", async () => {
    const { store, start } = await open();
    const session = await start(1);
    const event = { id: "e1", type: "guard_bypassed", data: { who: "x" }, sessionId: null, worktree: "/w/1" };
    expect(await store.recordEvents([event, event])).toBe(1);
    expect(await store.recordEvents([event])).toBe(0);
    expect(await store.listEvents({ types: ["guard_bypassed"] })).toMatchObject([
      { sessionId: session.id, data: { who: "x" } },
    ]);
  });

  test("an event belongs to the session that was at work in its worktree at that time, else to none", async () => {
    const { store, start, clock } = await open();
    const before = clock.read();
    clock.advance(10);
    const session = await start(1);
    const data = { from: "feat/1", to: "main" };
    clock.advance(10);
    await store.recordEvents([
      { type: "branch_changed", data, sessionId: null, worktree: "/w/1", at: before },
      { type: "branch_changed", data, sessionId: null, worktree: "/w/1", at: clock.read() },
      { type: "shipped", data: {}, sessionId: null, worktree: "/w/elsewhere" },
    ]);
    const events = await store.listEvents({ types: ["branch_changed", "shipped"] });
    expect(events.map((event) => event.sessionId)).toEqual([null, session.id, null]);
    expect(await store.findSession(session.id)).toMatchObject({ branch: "main" });
  });

  test("an act is booked to the session that did it; a switched branch is that of the worktree's session", async () => {
    const { store } = await open();
    const { session: doer } = await store.register(registration(1));
    const { session: victim } = await store.register(registration(2));
    const at = new Date(Date.parse(victim.heartbeatAt) + 1000).toISOString();
    const data = { from: "feat/2", to: "feat/elsewhere" };
    await store.recordEvents([{ type: "branch_changed", sessionId: doer.id, worktree: victim.worktree, at, data }]);
    expect(await store.listEvents({ types: ["branch_changed"] })).toMatchObject([{ sessionId: doer.id, data }]);
    expect(await store.findSession(victim.id)).toMatchObject({ branch: "feat/elsewhere" });
    expect(await store.findSession(doer.id)).toMatchObject({ branch: doer.branch });
  });

  test("an item is known from its first claim on", async () => {
    const { store } = await open();
    expect(await store.knowsItem(X)).toBe(false);
    const { session } = await store.register(registration(1));
    await store.claim(session.id, X);
    await store.endSession(session.id, "graceful_exit");
    expect(await store.knowsItem(X)).toBe(true);
  });

  test("a switch that is older than the last heartbeat does not change the session's branch", async () => {
    const { store, start, clock } = await open();
    const session = await start(1);
    const at = clock.read();
    clock.advance(5);
    await store.updateHeartbeat(session.id, branch("feat/1"));
    await store.recordEvents([{ type: "branch_changed", data: { to: "main" }, sessionId: null, worktree: "/w/1", at }]);
    expect(await store.findSession(session.id)).toMatchObject({ branch: "feat/1" });
  });

  test("the log can be narrowed by time, type, session and number", async () => {
    const { store, start, clock } = await open();
    const first = await start(1);
    clock.advance(100);
    await start(2);
    expect(await store.listEvents()).toHaveLength(2);
    expect(await store.listEvents({ withinSeconds: 100 })).toHaveLength(1);
    expect(await store.listEvents({ sessionId: first.id })).toHaveLength(1);
    expect(await store.listEvents({ types: ["claimed"] })).toEqual([]);
    expect(await store.listEvents({ limit: 1 })).toMatchObject([{ data: { worktree: "/w/2" } }]);
  });

  test("a base's stop holds until it is lifted or its time is over, by the store's clock", async () => {
    const { store, clock } = await open();
    const stop = { by: "ada", host: "here", reason: "release", until: null };
    expect(await store.unfreeze(branch("main"))).toBeNull();
    const set = await store.freeze({ ...stop, base: branch("main") });
    expect(set).toMatchObject({ ...stop, base: "main", at: clock.read() });
    await store.freeze({ ...stop, base: branch("next"), until: { inMs: 60_000 } });
    await store.freeze({ ...stop, base: branch("old"), until: { at: new Date(Date.parse(clock.read()) + 1) } });
    clock.advance(59);
    expect((await store.listFreezes()).map(({ base }) => base)).toEqual(["main", "next"]);
    clock.advance(1);
    expect(await store.listFreezes()).toEqual([set]);
    expect(await store.unfreeze(branch("next"))).toBeNull();
    expect((await store.freeze({ ...stop, base: branch("main"), reason: "other" })).reason).toBe("other");
    expect((await store.unfreeze(branch("main")))?.reason).toBe("other");
    expect(await store.listFreezes()).toEqual([]);
  });

  test("metrics are counts of the last day", async () => {
    const { store, start, clock } = await open();
    expect(await store.metrics()).toMatchObject({ total: 0, active: 0, averageHeartbeatAge: null });
    const [first, second] = [await start(1), await start(2)];
    await store.claim(first.id, X);
    await store.endSession(second.id, "graceful_exit");
    clock.advance(30);
    expect(await store.metrics()).toEqual({
      total: 2,
      active: 1,
      stale: 0,
      averageHeartbeatAge: 30,
      gracefulExits: 1,
      staleCleanups: 0,
      terminalReplacements: 0,
    });
  });

  test("health follows the heartbeat's age", async () => {
    const { store, start, clock } = await open();
    const session = await start(1);
    const health: string[] = [];
    for (const seconds of [59, 1, 119, 1]) {
      clock.advance(seconds);
      health.push(sessionHealth((await store.findSession(session.id))?.heartbeatAgeSeconds ?? -1));
    }
    expect(health).toEqual(["Healthy", "Warning", "Warning", "Critical"]);
  });
}

async function started(store: SessionStore, n: number): Promise<Session> {
  return (await store.register(registration(n))).session;
}

function processOf(session: Session) {
  if (session.owner.process === null) throw new Error("the session has no process");
  return session.owner.process;
}
