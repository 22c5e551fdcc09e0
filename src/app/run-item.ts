/** A command that runs with a claim: as long as it runs the item is its own, and no longer. */
import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import type { SessionId, WorkItemKey } from "../domain/names.ts";
import type { Session } from "../domain/session.ts";
import { HEARTBEAT_INTERVAL_SECONDS } from "../domain/timing.ts";
import { readExpectation } from "../layout/session-file.ts";
import { type ChildEnd, runAttachedChild } from "../machine/attached-child.ts";
import { RUN_VARIABLE } from "../machine/observe-owner.ts";
import { findOwnSession } from "../session/start-policy.ts";
import { type Clone, inClone, openClone } from "./clone.ts";
import { beat } from "./heartbeat.ts";
import { isKeeperAlive } from "./keeper-lock.ts";
import { release } from "./release.ts";
import { type StartDocument, start } from "./start.ts";
import { withStore } from "./with-store.ts";
import { type OwnerInput, openWorkplace } from "./workplace.ts";
import { createWorktree } from "./worktree-create.ts";

export interface RunInput {
  /** Who runs it. */
  readonly owner: OwnerInput;
  readonly item: WorkItemKey;
  /** Whether to work in this worktree, instead of the item's own. */
  readonly here: boolean;
  readonly program: string;
  readonly args: readonly string[];
  /** Where the command's standard output goes. */
  readonly output: "stdout" | "stderr";
  /** Told when the claim stands, before the command runs. */
  readonly started: (document: StartDocument) => void;
  /** Called when signals are the command's: whoever listened for them before stops listening. */
  readonly handOverSignals: () => void;
}

/** A command that has run. */
export interface RunDocument {
  readonly sd_id: string;
  readonly path: string;
  readonly branch: string;
  readonly command: readonly string[];
  /** Null when a signal ended it. */
  readonly exit_code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether the claim has been given back; not when this terminal's session had it before. */
  readonly released: boolean;
}

/** How the session came to its claim, which decides what is given back in the end. */
interface Claimed {
  readonly session: SessionId;
  readonly branch: string;
  /** `run`: a session of the command's own; `claim`: of this terminal's, without the item before; `before`: it had it. */
  readonly since: "run" | "claim" | "before";
  readonly owner: OwnerInput;
}

/**
 * Starts on an item, in its own worktree, runs a command there and gives the claim back, whatever becomes of the command.
 * Killed itself, it leaves a claim whose owner process is proven gone.
 * @throws BulkheadError as `createWorktree` and `start`; `COMMAND_NOT_STARTED`
 */
export async function runItem(clone: Clone, input: RunInput): Promise<RunDocument> {
  const path = await placeFor(clone, input);
  const { env, signal, note, progress } = clone;
  const there = await openClone({ directory: path, env, signal, note, progress });
  try {
    return await runThere(there, input);
  } finally {
    await there.close();
  }
}

async function runThere(there: Clone, input: RunInput): Promise<RunDocument> {
  const claimed = await claim(there, input);
  if (there.signal?.aborted) {
    await giveBack(there, claimed);
    throw new BulkheadError("INTERRUPTED");
  }
  const { end, released } = await runCommand(there, claimed, input);
  const command = [input.program, ...input.args];
  if (end.kind === "not_started") {
    throw new BulkheadError("COMMAND_NOT_STARTED", {
      command: input.program,
      reason: reasonOf(end.reason),
      sd_id: input.item,
    });
  }
  const [exitCode, killedBy] = end.kind === "ended" ? [end.exitCode, null] : [null, end.signal];
  const { branch } = claimed;
  const path = there.worktree.topLevel;
  return { sd_id: input.item, path, branch, command, exit_code: exitCode, signal: killedBy, released };
}

function reasonOf(code: string): string {
  if (code === "ENOENT") return "there is no such program";
  return code === "EACCES" ? "this user may not run it" : code;
}

/** This worktree, where it is the item's or was asked for; otherwise the item's own, which is made where there is none. */
async function placeFor(clone: Clone, { item, here, owner }: RunInput): Promise<string> {
  const { topLevel } = clone.repository;
  if (here) return clone.worktree.topLevel;
  if (topLevel !== null) {
    const found = readExpectation(topLevel);
    if (found.kind === "present" && found.content.sdKey === item && !found.content.claimLost) return topLevel;
  }
  const made = await createWorktree(clone, {
    ...owner,
    target: { kind: "item", name: item },
    ...{ branch: null, base: null, force: false, linkModules: null, setup: "ask", ask: null, start: false, open: null },
  });
  if (made.created) clone.note(`bulkhead: made the worktree ${made.path} on '${made.branch}'.`);
  return made.path;
}

/** Claims for this terminal's session where there is one here; otherwise for one whose process is this very `run`. */
async function claim(there: Clone, { item, owner, started }: RunInput): Promise<Claimed> {
  const earlier = await ownSession(there, owner);
  const self = earlier === null ? { pid: String(process.pid), agentSession: "" } : owner;
  const document = await start(there, { ...self, item, share: false });
  started(document);
  const since = earlier === null ? "run" : earlier.item === item ? "before" : "claim";
  const id = await withStore(there, async (store) => (await store.findHolder(item))?.id);
  if (id === undefined) throw new BulkheadError("START_RACED", { sd_id: item });
  return { session: id, branch: document.expected_branch, since, owner: self };
}

async function ownSession(there: Clone, owner: OwnerInput): Promise<Session | null> {
  const place = await openWorkplace(there, owner);
  const { sessions } = await place.look();
  return findOwnSession(sessions, place.owner, place.topLevel);
}

async function runCommand(
  there: Clone,
  claimed: Claimed,
  input: RunInput,
): Promise<{ readonly end: ChildEnd; readonly released: boolean }> {
  const { program, args, output, handOverSignals } = input;
  const { session, since } = claimed;
  const timer = setInterval(() => void keepAlive(there, session), HEARTBEAT_INTERVAL_SECONDS * 1000);
  // What runs in it speaks for its session, which is not the one that an agent around it has.
  const own = since === "run" ? { [RUN_VARIABLE]: String(process.pid) } : {};
  const env = { ...there.env, ...own };
  const options = { cwd: there.worktree.topLevel, env, output, onListening: handOverSignals };
  return runAttachedChild(program, args, options, async (end) => {
    clearInterval(timer);
    return { end, released: await giveBack(there, claimed) };
  });
}

/** Beats where no keeper does. A store that is away is no reason to end: the process is there for all to see. */
async function keepAlive(there: Clone, session: SessionId): Promise<void> {
  try {
    if (!isKeeperAlive(there, there.processes())) await withStore(there, (store) => beat(store, session));
  } catch {
    return;
  }
}

/** @returns whether the claim is given back. What keeps it from being so is said, and the command's end stands. */
async function giveBack(there: Clone, { session, since, owner }: Claimed): Promise<boolean> {
  if (since === "before") return false;
  const end = since === "run";
  const { env, note } = there;
  try {
    try {
      await inClone({ directory: there.worktree.topLevel, env, note }, (clone) =>
        release(clone, { ...owner, item: null, end, force: false }),
      );
    } catch {
      // Its worktree may be gone, or its file somebody else's by now: the claim is the session's all the same.
      await withStore(there, (store) =>
        end ? store.endSession(session, "graceful_exit") : store.releaseClaim(session, "graceful_exit"),
      );
    }
    return true;
  } catch (thrown) {
    const { message } = asBulkheadError(thrown);
    note(`bulkhead: the claim could not be given back: ${message} It ends by itself, as its process has gone.`);
    return false;
  }
}
