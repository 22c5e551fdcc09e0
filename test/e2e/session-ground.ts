import { existsSync, readdirSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { SqliteConnection } from "../../src/store/sqlite/connection.ts";
import { createGround, type TestRepository } from "../support/repository.ts";
import { startSleeper } from "../support/sleeper.ts";

/** The parts of the JSON documents that these tests look at. */
export interface Document {
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly data: Record<string, unknown>;
  };
  readonly [key: string]: unknown;
}

/** One terminal at work in one worktree: its commands name the process that owns it. */
export class Party {
  readonly worktree: TestRepository;
  readonly pid: string;
  readonly kill: () => Promise<void>;

  constructor(worktree: TestRepository) {
    const { pid, kill } = startSleeper();
    this.worktree = worktree;
    this.pid = String(pid);
    this.kill = kill;
  }

  run(...args: string[]) {
    return this.worktree.bulkhead(this.#words(args));
  }

  json(...args: string[]) {
    return this.worktree.bulkheadJson<Document>(this.#words(args));
  }

  /** Its options go before the words of another command. */
  #words(args: readonly string[]): string[] {
    const at = args.includes("--") ? args.indexOf("--") : args.length;
    return [...args.slice(0, at), "--pid", this.pid, ...args.slice(at)];
  }

  /** What the worktree's session file says; null without one. */
  file(): Record<string, unknown> | null {
    const { exitCode, stdout } = this.worktree.run("cat", [".session.json"], { check: false });
    return exitCode === 0 ? (JSON.parse(stdout) as Record<string, unknown>) : null;
  }
}

/** A clone with two linked worktrees, and one party in each. */
export function createParties() {
  const ground = createGround();
  const { clone } = ground;
  const [a, b] = [new Party(clone.addWorktree("a", "feat/a")), new Party(clone.addWorktree("b", "feat/b"))];
  return { ...ground, a, b, database: join(clone.path, ".git", "bulkhead", "bulkhead.db") };
}

/** As if that time had passed for sessions that name no process: they have no other sign of life than their heartbeats. */
export function letTimePassInSilence(database: string, seconds: number): void {
  letTimePass(database, seconds);
  const connection = SqliteConnection.open(database);
  connection.run("UPDATE claude_sessions SET pid = NULL, pid_started_at = NULL");
  connection.close();
}

/** Makes every heartbeat, and what owners last did, older, as if that time had passed. */
export function letTimePass(database: string, seconds: number): void {
  const common = dirname(dirname(database));
  const linked = existsSync(join(common, "worktrees")) ? readdirSync(join(common, "worktrees")) : [];
  for (const gitDir of [common, ...linked.map((name) => join(common, "worktrees", name))]) {
    const file = join(gitDir, "bulkhead-worktree", "activity");
    const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (written !== undefined) utimesSync(file, written / 1000 - seconds, written / 1000 - seconds);
  }
  const connection = SqliteConnection.open(database);
  connection.run(`UPDATE claude_sessions SET heartbeat_at = strftime('%Y-%m-%dT%H:%M:%fZ', heartbeat_at, :shift)`, {
    shift: `-${seconds} seconds`,
  });
  connection.close();
}
