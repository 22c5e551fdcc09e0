import fc from "fast-check";
import { expect, test } from "vitest";
import type { SessionId, WorkItemKey } from "../../src/domain/names.ts";
import type { GoneOwner } from "../../src/domain/session.ts";
import type { SessionStore } from "../../src/store/session-store.ts";
import { branch, item, registration, TestClock } from "./session-fixtures.ts";
import type { StoreUnderTest } from "./session-store-contract.ts";

/** What may happen, in any order; `who` and `what` pick among sessions and items that there are. */
type Step =
  | { readonly do: "start" | "claim"; readonly who: number; readonly what: number }
  | { readonly do: "heartbeat" | "release" | "end" | "crash"; readonly who: number }
  | { readonly do: "override"; readonly what: number }
  | { readonly do: "jump"; readonly seconds: number }
  | { readonly do: "cleanup" };

interface ModelSession {
  readonly id: SessionId;
  readonly number: number;
  status: "active" | "idle" | "released";
  item: WorkItemKey | null;
  epoch: number | null;
  /** Seconds by the model's clock. */
  heartbeat: number;
  crashed: boolean;
}

const ITEMS = ["A", "B", "C"].map(item);
const OWNERS = 5;

const who = fc.nat(OWNERS - 1);
const what = fc.nat(ITEMS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("start" as const, "claim" as const), who, what }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("heartbeat" as const, "release" as const, "end" as const, "crash" as const),
      who,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("override" as const), what }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("jump" as const),
      seconds: fc.constantFrom(1, 150, 299, 300, 4000, -200, -4000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cleanup" as const) }) },
);

/** The store beside a model of it that is small enough to be seen right. */
class Model {
  readonly clock = new TestClock();
  readonly sessions: ModelSession[] = [];
  readonly epochs = new Map<WorkItemKey, number>();
  #now = 0;

  async run(store: SessionStore, action: Step): Promise<void> {
    switch (action.do) {
      case "jump":
        this.clock.advance(action.seconds);
        this.#now += action.seconds;
        return;
      case "start":
        return this.#start(store, action.who, key(action.what));
      case "claim":
        return this.#withSession(action.who, (session) => this.#claim(store, session, key(action.what)));
      case "heartbeat":
        return this.#withSession(action.who, async (session) => {
          const outcome = await store.updateHeartbeat(session.id, branch("feat/x"));
          expect(outcome.kind).toBe(session.status === "released" ? "session_released" : "beaten");
          if (session.status !== "released") session.heartbeat = this.#now;
        });
      case "release":
        return this.#withSession(action.who, async (session) => {
          const outcome = await store.releaseClaim(session.id, "manual");
          expect(outcome.kind).toBe(session.item === null ? "nothing_to_release" : "released");
          this.#free(session, session.status === "released" ? "released" : "idle");
        });
      case "end":
        return this.#withSession(action.who, async (session) => {
          const outcome = await store.endSession(session.id, "graceful_exit");
          expect(outcome.kind).toBe(session.status === "released" ? "nothing_to_release" : "released");
          this.#free(session, "released");
        });
      case "crash":
        return this.#withSession(action.who, async (session) => {
          session.crashed = true;
        });
      case "override": {
        const holder = this.#holder(key(action.what));
        expect((await store.releaseItem(key(action.what))).kind).toBe(holder ? "released" : "nothing_to_release");
        if (holder) this.#free(holder, "idle");
        return;
      }
      case "cleanup": {
        const doomed = this.sessions.filter((session) => session.status !== "released" && this.#takeable(session));
        const { exited, stale } = await store.cleanup(this.#gone());
        expect([...exited, ...stale].map(({ id }) => id).sort()).toEqual(doomed.map(({ id }) => id).sort());
        for (const session of doomed) this.#free(session, "released");
      }
    }
  }

  async #start(store: SessionStore, number: number, wanted: WorkItemKey): Promise<void> {
    const holder = this.#holder(wanted);
    const live = this.sessions.filter((s) => s.number === number && s.status !== "released" && !this.#takeable(s));
    const outcome = await store.registerAndClaim(registration(number), wanted, { gone: this.#gone(), share: false });
    if (holder && !this.#takeable(holder)) {
      expect(outcome.kind).toBe("already_claimed");
      return;
    }
    if (live.length > 0) {
      expect(outcome.kind).toBe("worktree_in_use");
      return;
    }
    if (outcome.kind !== "claimed") throw new Error(outcome.kind);
    for (const session of this.sessions) {
      // One terminal for each number: its stale sessions end when another registers there.
      if (session.number === number && session.status !== "released" && this.#stale(session))
        this.#free(session, "released");
    }
    const session: ModelSession = {
      id: outcome.session.id,
      number,
      status: "idle",
      item: null,
      epoch: null,
      heartbeat: this.#now,
      crashed: false,
    };
    this.sessions.push(session);
    this.#take(session, wanted, outcome.session.claimEpoch);
  }

  async #claim(store: SessionStore, session: ModelSession, wanted: WorkItemKey): Promise<void> {
    const holder = this.#holder(wanted);
    const outcome = await store.claim(session.id, wanted, this.#gone());
    if (session.status === "released") expect(outcome.kind).toBe("session_released");
    else if (session.item === wanted) {
      expect(outcome).toMatchObject({ kind: "claimed", fresh: false });
      session.heartbeat = this.#now;
    } else if (holder && !this.#takeable(holder)) expect(outcome.kind).toBe("already_claimed");
    else {
      if (outcome.kind !== "claimed") throw new Error(outcome.kind);
      this.#take(session, wanted, outcome.session.claimEpoch);
    }
  }

  #take(session: ModelSession, wanted: WorkItemKey, epoch: number | null): void {
    const holder = this.#holder(wanted);
    if (holder && holder !== session) this.#free(holder, "released");
    const expected = (this.epochs.get(wanted) ?? 0) + 1;
    expect(epoch).toBe(expected);
    this.epochs.set(wanted, expected);
    Object.assign(session, { status: "active", item: wanted, epoch, heartbeat: this.#now });
  }

  #free(session: ModelSession, status: "idle" | "released"): void {
    Object.assign(session, { status, item: null, epoch: null });
  }

  #holder(wanted: WorkItemKey): ModelSession | undefined {
    return this.sessions.find((session) => session.item === wanted);
  }

  #stale(session: ModelSession): boolean {
    return this.#now - session.heartbeat >= 300;
  }

  #takeable(session: ModelSession): boolean {
    return session.crashed || this.#stale(session);
  }

  #gone(): GoneOwner[] {
    return this.sessions
      .filter((session) => session.crashed)
      .map(({ id, number }) => ({ sessionId: id, process: { pid: 1000 + number, startedAt: `boot.${number}` } }));
  }

  async #withSession(number: number, act: (session: ModelSession) => Promise<void>): Promise<void> {
    const session = this.sessions.findLast((candidate) => candidate.number === number);
    if (session !== undefined) await act(session);
  }

  async compare(store: SessionStore): Promise<void> {
    for (const session of this.sessions) {
      const { status, item: held, epoch, heartbeat } = session;
      const age = Math.max(0, this.#now - heartbeat);
      const stored = await store.findSession(session.id);
      expect(stored).toMatchObject({ status, item: held, claimEpoch: epoch });
      if (status !== "released") expect(stored?.heartbeatAgeSeconds).toBe(age);
    }
    for (const wanted of ITEMS) {
      expect((await store.findHolder(wanted))?.id).toBe(this.#holder(wanted)?.id);
    }
  }
}

function key(index: number): WorkItemKey {
  return ITEMS[index] as WorkItemKey;
}

/** Random histories against a model: the same for every store. */
export function sessionStoreModel(create: () => StoreUnderTest): void {
  test("any history of starts, claims, heartbeats, crashes, clock jumps, clean-ups and releases keeps to the model", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (history) => {
        const model = new Model();
        const store = await create().open(model.clock.read);
        for (const action of history) {
          await model.run(store, action);
          await model.compare(store);
        }
      }),
      { numRuns: 60 },
    );
  });
}
