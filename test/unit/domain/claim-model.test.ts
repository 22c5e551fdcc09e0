/**
 * Every interleaving, within bounds, of sessions that claim one item, beat, crash, sleep, let go, take over and ship:
 * nobody merges under a claim that has been lost. Decisions are those of the product's own rules.
 *
 * Assumed: one session does one thing at a time, so it does not let go between its last look and its merge; an operator's
 * override is none of the steps; the merge is asked for less than 300 s after the last look. GitHub knows no epochs, so
 * more cannot be had: what closes the gap is that the look is a heartbeat as well.
 */
import { expect, test } from "vitest";
import { decideClaim } from "../../../src/domain/claim-rules.ts";
import { parseSessionId } from "../../../src/domain/names.ts";
import type { GoneOwner, Session } from "../../../src/domain/session.ts";
import { STALE_AFTER_SECONDS } from "../../../src/domain/timing.ts";
import { item, owner } from "../../db/session-fixtures.ts";

const X = item("X");
/** Seconds of one step of time. */
const TICK = 100;
const OLDEST = STALE_AFTER_SECONDS / TICK;
/** More claims of the item than this are not followed: they look like those before. */
const LAST_EPOCH = 5;

interface Party {
  readonly status: "active" | "idle" | "released";
  /** Of the claim it has; null for none. */
  readonly epoch: number | null;
  /** What its worktree's file says: the epoch that it believes in. */
  readonly believes: number | null;
  /** Ticks since its last heartbeat. */
  readonly age: number;
  readonly alive: boolean;
  /** Ticks since its last look before a merge; null while it does not ship. */
  readonly looked: number | null;
}

interface State {
  readonly epoch: number;
  readonly parties: readonly Party[];
}

interface Rules {
  /** Whether the last look before a merge is a heartbeat as well. */
  readonly lookBeats: boolean;
  /** Whether that look compares the epoch with the one believed in, or only asks whether the session is there. */
  readonly comparesEpoch: boolean;
}

interface Move {
  readonly name: string;
  readonly to: State;
  readonly violates?: boolean;
}

function sessionOf(party: Party, n: number): Session {
  return {
    ...{ id: parseSessionId(`session_${n}`), repository: "r", status: party.status, claimEpoch: party.epoch },
    ...{ item: party.epoch === null ? null : X, owner: owner(n), hostname: "h", worktree: `/w/${n}`, branch: null },
    ...{ codebase: "c", heartbeatAt: "", heartbeatAgeSeconds: party.age * TICK, claimedAt: null, createdAt: "" },
    ...{ releasedAt: null, releasedReason: null, metadata: {} },
  };
}

function goneOf(state: State): GoneOwner[] {
  return state.parties.flatMap((party, n) =>
    party.alive
      ? []
      : [{ sessionId: parseSessionId(`session_${n}`), process: { pid: 1000 + n, startedAt: `boot.${n}` } }],
  );
}

function put(state: State, n: number, change: Partial<Party>): State {
  return { ...state, parties: state.parties.map((party, m) => (m === n ? { ...party, ...change } : party)) };
}

/** What the store does when a session claims: the rules' decision, carried out whole. */
function claim(state: State, n: number): State {
  const holder = state.parties.findIndex(({ epoch }) => epoch !== null);
  const sessions = state.parties.map(sessionOf);
  const decision = decideClaim(sessions[n] ?? null, X, sessions[holder] ?? null, goneOf(state));
  if (decision.kind === "keep") return put(state, n, { age: 0 });
  if (decision.kind !== "grant") return state;
  const freed = decision.from === null ? state : put(state, holder, { status: "released", epoch: null });
  const epoch = state.epoch + 1;
  return { ...put(freed, n, { status: "active", epoch, believes: epoch, age: 0 }), epoch };
}

/** The last look before the merge. */
function look(state: State, n: number, rules: Rules): State {
  const party = state.parties[n] as Party;
  const ours = rules.comparesEpoch ? party.epoch !== null && party.epoch === party.believes : party.believes !== null;
  if (!ours) return put(state, n, { believes: null });
  return put(state, n, { looked: 0, ...(rules.lookBeats ? { age: 0 } : {}) });
}

function merge(state: State, n: number): Move {
  const party = state.parties[n] as Party;
  const lost = party.epoch === null || party.epoch !== party.believes;
  return { name: `${n} merges`, to: put(state, n, { looked: null }), violates: lost };
}

function moves(state: State, rules: Rules): Move[] {
  const older = (ticks: number) => Math.min(ticks + 1, OLDEST);
  const aged = state.parties.map((party) => ({
    ...party,
    age: older(party.age),
    looked: party.looked === null ? null : older(party.looked),
  }));
  const found: Move[] = [{ name: "time passes", to: { ...state, parties: aged } }];
  state.parties.forEach((party, n) => {
    if (!party.alive) return;
    found.push({ name: `${n} crashes`, to: put(state, n, { alive: false, looked: null }) });
    if (party.status !== "released") found.push({ name: `${n} beats`, to: put(state, n, { age: 0 }) });
    if (party.looked !== null) {
      if (party.looked < OLDEST) found.push(merge(state, n));
      else found.push({ name: `${n} was too slow`, to: put(state, n, { looked: null }) });
      return;
    }
    if (state.epoch < LAST_EPOCH) found.push({ name: `${n} claims`, to: claim(state, n) });
    if (party.believes !== null) found.push({ name: `${n} looks`, to: look(state, n, rules) });
    if (party.epoch !== null) {
      found.push({ name: `${n} releases`, to: put(state, n, { status: "idle", epoch: null, believes: null }) });
      found.push({ name: `${n} ends`, to: put(state, n, { status: "released", epoch: null, believes: null }) });
    }
  });
  return found;
}

/** Follows every history. @returns how many states there are, and the shortest history that breaks the promise */
function explore(rules: Rules, parties: number): { states: number; broken: readonly string[] | null } {
  const idle: Party = { status: "idle", epoch: null, believes: null, age: 0, alive: true, looked: null };
  const start: State = { epoch: 0, parties: Array.from({ length: parties }, () => idle) };
  const from = new Map<string, { before: string; by: string } | null>([[JSON.stringify(start), null]]);
  const history = (key: string): string[] => {
    const step = from.get(key);
    return step == null ? [] : [...history(step.before), step.by];
  };
  const queue = [start];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const key = JSON.stringify(next);
    for (const { name, to, violates } of moves(next, rules)) {
      if (violates) return { states: from.size, broken: [...history(key), name] };
      expect(to.parties.filter(({ epoch }) => epoch !== null).length).toBeLessThanOrEqual(1);
      const reached = JSON.stringify(to);
      if (from.has(reached)) continue;
      from.set(reached, { before: key, by: name });
      queue.push(to);
    }
  }
  return { states: from.size, broken: null };
}

test("no interleaving of two sessions ships under a lost claim", () => {
  const { states, broken } = explore({ lookBeats: true, comparesEpoch: true }, 2);
  expect(broken).toBeNull();
  // The search saw something: it is not the model that is empty.
  expect(states).toBeGreaterThan(1000);
});

test("a look that is no heartbeat would let a claim go stale between it and the merge, and the search finds that", () => {
  const { broken } = explore({ lookBeats: false, comparesEpoch: true }, 2);
  expect(broken).toContain("time passes");
  expect(broken?.at(-1)).toMatch(/merges$/);
});

test("a look that does not compare epochs would ship what another took over, and the search finds that", () => {
  expect(explore({ lookBeats: true, comparesEpoch: false }, 2).broken?.at(-1)).toMatch(/merges$/);
});
