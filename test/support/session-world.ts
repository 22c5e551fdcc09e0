/** Machines, terminals and keepers with clocks and processes of the test's choice, at work in real clones on a real store. */
import { statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { BulkheadError } from "../../src/domain/error.ts";
import { parseWorkItemKey } from "../../src/domain/names.ts";
import type { Owner } from "../../src/domain/session.ts";
import { HEARTBEAT_INTERVAL_SECONDS } from "../../src/domain/timing.ts";
import { openRepository, type Repository } from "../../src/git/repository.ts";
import type { ProcessTable } from "../../src/machine/process-table.ts";
import { keepSessions } from "../../src/session/keep.ts";
import { lookAround } from "../../src/session/look.ts";
import type { Observer } from "../../src/session/observe-life.ts";
import { releaseSession } from "../../src/session/release.ts";
import { settleClaimFiles, worktreeFiles } from "../../src/session/settle-files.ts";
import { startSession } from "../../src/session/start.ts";
import type { Workplace } from "../../src/session/workplace.ts";
import type { SessionStore } from "../../src/store/session-store.ts";
import type { TestRepository } from "./repository.ts";

/** Everything that happens, in the order in which it happens. Seconds are of simulated time. */
export class World {
  readonly story: string[] = [];
  readonly machines: Machine[] = [];
  store!: SessionStore;
  /** Seconds between two rounds of the keepers. */
  step = HEARTBEAT_INTERVAL_SECONDS;
  #now = Date.now();
  #nextPid = 5000;

  /** The true time, as a team's database has it. */
  get now(): number {
    return this.#now;
  }

  machine(name: string, main: TestRepository): Machine {
    const machine = new Machine(this, name, main);
    this.machines.push(machine);
    return machine;
  }

  newPid(): number {
    return this.#nextPid++;
  }

  /** Lets time pass: each machine's keeper has its rounds, and no item ever has two holders. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= this.step) {
      this.#now += Math.min(this.step, left) * 1000;
      for (const machine of this.machines) await machine.round();
      const held = (await this.store.listSessions()).flatMap(({ item }) => item ?? []);
      if (new Set(held).size !== held.length) throw new Error(`held twice: ${held.join(", ")}`);
    }
  }

  /** All machines sleep; when they wake, their keepers find out first. */
  async sleep(seconds: number): Promise<void> {
    this.#now += seconds * 1000;
    for (const machine of this.machines) await machine.round();
  }
}

export class Machine {
  readonly world: World;
  readonly name: string;
  readonly main: TestRepository;
  /** Milliseconds by which its clock is wrong. */
  jump = 0;
  /** Whether its keeper runs. */
  keeper = true;
  readonly alive = new Set<number>();

  constructor(world: World, name: string, main: TestRepository) {
    this.world = world;
    this.name = name;
    this.main = main;
  }

  readonly table: ProcessTable = (pid) =>
    pid === process.pid || this.alive.has(pid)
      ? { pid, parent: 1, name: "zsh", startedAt: `boot.${this.name}.${pid}`, tty: null, sessionLeader: null }
      : null;

  observer(): Observer {
    const { name: machineId, table, keeper } = this;
    return { machineId, table, now: this.world.now + this.jump, keeper };
  }

  async round(): Promise<void> {
    if (!this.keeper) return;
    const report = await keepSessions(this.world.store, this.observer());
    for (const { item } of report.ended) this.world.story.push(`the keeper ends the session on ${item}`);
    settleClaimFiles(worktreeFiles(join(this.main.path, ".git"), this.main.path), report.all);
  }

  /** Somebody at a terminal of this machine, at work in a worktree. */
  terminal(name: string, worktree: TestRepository): Terminal {
    return new Terminal(this, name, worktree);
  }
}

export class Terminal {
  readonly #machine: Machine;
  readonly #name: string;
  readonly #worktree: TestRepository;
  #pid: number;
  #repository: Promise<Repository> | null = null;

  constructor(machine: Machine, name: string, worktree: TestRepository) {
    this.#machine = machine;
    this.#name = name;
    this.#worktree = worktree;
    this.#pid = machine.world.newPid();
    machine.alive.add(this.#pid);
  }

  get #owner(): Owner {
    const { name, table } = this.#machine;
    const entry = table(this.#pid);
    const startedAt = entry === null || entry === "unknown" ? null : entry.startedAt;
    const id = `tty-${this.#name}${this.#pid}`;
    return {
      agentSession: null,
      process: { pid: this.#pid, startedAt },
      machineId: name,
      terminal: { id, identity: `${name}:${id}`, tty: null },
    };
  }

  async #place(): Promise<Workplace> {
    this.#repository ??= openRepository(this.#worktree.path, { env: this.#worktree.env });
    const { topLevel, ...repository } = await this.#repository;
    const { world, name, main } = this.#machine;
    return {
      ...{ ...repository, topLevel: topLevel ?? "", mainTop: async () => main.path, base: async () => null },
      ...{ codebase: async () => "clone", hostname: name, owner: this.#owner, store: world.store },
      look: (options) => lookAround(world.store, this.#machine.observer(), options),
    };
  }

  /** Types `start <item>`. */
  async start(item: string): Promise<void> {
    await this.#tell(`start ${item}`, async () => {
      const { session, switchedFrom, tookOver } = await startSession(await this.#place(), parseWorkItemKey(item), {
        share: false,
      });
      const freed = switchedFrom === null ? "" : `, ${switchedFrom} is free`;
      return `claimed, epoch ${session.claimEpoch}${freed}${tookOver === null ? "" : ", taken over"}`;
    });
  }

  async release(): Promise<void> {
    await this.#tell("release --end", async () => {
      const { item } = await releaseSession(await this.#place(), { item: null, end: true, force: false });
      return `${item} is free`;
    });
  }

  /** Any command of the owner's that has the store open. */
  async command(): Promise<void> {
    const { store } = this.#machine.world;
    const own = (await store.listSessions()).find(({ owner }) => owner.process?.pid === this.#pid);
    if (own !== undefined) await store.updateHeartbeat(own.id, own.branch);
  }

  /** Commits, at the machine's time. */
  async commit(message: string): Promise<void> {
    this.#worktree.git("commit", "-q", "--allow-empty", "-m", message);
    const { gitDir } = await this.#place();
    const at = (this.#machine.world.now + this.#machine.jump) / 1000;
    for (const file of ["logs/HEAD", "COMMIT_EDITMSG"]) {
      if (statSync(join(gitDir, file), { throwIfNoEntry: false })) utimesSync(join(gitDir, file), at, at);
    }
  }

  /** The terminal is closed, or its machine's user kills it: nothing of its own is run any more. */
  crash(): void {
    this.#machine.alive.delete(this.#pid);
    this.#machine.world.story.push(`${this.#name} crashes`);
  }

  /** Another process at the same place: a new terminal, or the next `run`. */
  again(): void {
    this.#pid = this.#machine.world.newPid();
    this.#machine.alive.add(this.#pid);
  }

  async #tell(words: string, act: () => Promise<string>): Promise<void> {
    const { story } = this.#machine.world;
    try {
      story.push(`${this.#name} ${words}: ${await act()}`);
    } catch (thrown) {
      if (!(thrown instanceof BulkheadError)) throw thrown;
      story.push(`${this.#name} ${words}: ${thrown.code}`);
    }
  }
}
