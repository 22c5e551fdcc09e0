import type { BranchName, WorkItemKey } from "../../src/domain/names.ts";
import type { Owner, Registration } from "../../src/domain/session.ts";

export const item = (key: string) => key as WorkItemKey;
export const branch = (name: string) => name as BranchName;

/** An owner with a process and a terminal of its own, both told apart by the number. */
export function owner(n: number, overrides: Partial<Owner> = {}): Owner {
  return {
    agentSession: null,
    process: { pid: 1000 + n, startedAt: `boot.${n}` },
    machineId: "machine-1",
    terminal: { id: `tty-${n}`, identity: `machine-1:tty-${n}`, tty: `/dev/pts/${n}` },
    ...overrides,
  };
}

/** A registration in a worktree of its own. */
export function registration(n: number, overrides: Partial<Registration> = {}): Registration {
  return {
    owner: owner(n),
    hostname: "host-1",
    worktree: `/w/${n}`,
    branch: branch(`feat/${n}`),
    codebase: "clone",
    ...overrides,
  };
}

/** A clock that a test sets. */
export class TestClock {
  #now = Date.parse("2026-03-01T10:00:00.000Z");

  readonly read = (): string => new Date(this.#now).toISOString();

  /** @param seconds negative: the clock is set back */
  advance(seconds: number): void {
    this.#now += seconds * 1000;
  }
}
