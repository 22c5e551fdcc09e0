import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { isSameOwner } from "../domain/owner.ts";
import type { Session } from "../domain/session.ts";
import { ageInWords, sessionHealth, shortSessionId } from "../domain/session-health.ts";
import { isSamePath } from "../files/same-path.ts";
import { readRef } from "../git/ancestry.ts";
import { readWorktreeStates } from "../git/worktree-state.ts";
import { commonLayout } from "../layout/paths.ts";
import { observeOwner } from "../machine/observe-owner.ts";
import { identify, processLiveness } from "../machine/owner-process.ts";
import { lookAround } from "../session/look.ts";
import { disposableTest } from "../worktree/disposable.ts";
import type { WorktreeSessions, WorktreeTools } from "../worktree/surroundings.ts";
import { worktreesRoot } from "../worktree/target.ts";
import { ensureArmed } from "./arming.ts";
import { type Clone, inClone } from "./clone.ts";
import { observerOf } from "./observer.ts";
import { snapshotBefore } from "./snapshot.ts";
import type { OwnerInput } from "./workplace.ts";

/**
 * What worktree features work with: the clone, who runs the command, and what sessions there are.
 * @param look `once`: what is asked for many worktrees is read once and kept, for a command that only looks
 */
export async function worktreeTools(
  clone: Clone,
  input: OwnerInput = {},
  look: "anew" | "once" = "anew",
): Promise<WorktreeTools> {
  const { repository, env, hostname, signal, clock, note, progress } = clone;
  const { commonDir } = repository;
  const [settings, config, main] = await Promise.all([clone.settings(), clone.config(), clone.mainTop()]);
  const bare = isSamePath(main, commonDir);
  // Where a command was started may be the very worktree that goes.
  const ground = !bare && existsSync(join(main, ".git")) ? main : commonDir;
  const steadyGit = repository.git.undisturbed().in(ground);
  const remote = settings.remote.value;
  return {
    git: repository.git.in(ground),
    here: repository.git,
    steadyGit,
    commonDir,
    env,
    hostname,
    mainTop: bare ? null : main,
    root: worktreesRoot(main, commonDir, bare),
    remote,
    hasRemote: config.some(({ key }) => key === `remote.${remote}.url`),
    base: clone.base,
    baseSha: kept(look, async () => {
      const base = await clone.base();
      return base === null ? null : readRef(steadyGit, base.ref);
    }),
    worktrees: () => readWorktreeStates(steadyGit, commonDir),
    isDisposable: disposableTest(settings.disposable.value),
    sessions: worktreeSessions(clone, input, look),
    saveWork: (worktree, act) => snapshotBefore(clone, worktree, act),
    processes: {
      host: hostname,
      self: identify(clone.processes(), process.pid) ?? { pid: process.pid, startedAt: null },
      liveness: (other) => processLiveness(clone.processes(), other),
    },
    clock,
    signal,
    note,
    progress,
  };
}

function kept<T>(look: "anew" | "once", read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => {
    if (look === "anew") return read();
    answer ??= read();
    return answer;
  };
}

/** Whether `init` has armed this clone. */
export function isArmed(commonDir: string): boolean {
  return existsSync(commonLayout(commonDir).gitConfig);
}

/**
 * Proves that git would run the guard in a worktree; where something keeps it from that, it is armed again.
 * @throws BulkheadError `HOOKS_PATH_OVERRIDDEN`, `FILE_FAILED`
 */
export async function proveHooks(clone: Clone, path: string): Promise<void> {
  const { env, signal, clock } = clone;
  const { state, because } = await inClone({ directory: path, env, signal, clock }, ensureArmed);
  if (state === "off") {
    throw new BulkheadError("HOOKS_PATH_OVERRIDDEN", {
      worktree: path,
      path: because ?? "another hooks path",
      origin: "its configuration",
    });
  }
  const hook = join(commonLayout(clone.repository.commonDir).hooks, "reference-transaction");
  try {
    accessSync(hook, process.platform === "win32" ? constants.R_OK : constants.X_OK);
  } catch (cause) {
    throw new BulkheadError("FILE_FAILED", { path: hook, action: "run", reason: "it cannot be executed" }, { cause });
  }
}

function worktreeSessions(clone: Clone, input: OwnerInput, look: "anew" | "once"): WorktreeSessions {
  const { env, hostname } = clone;
  const read = kept(look, async () => {
    const store = await clone.storeIfMade();
    const table = clone.processes();
    const owner = observeOwner({ ...input, env, hostname }, table);
    const sight = store === null ? null : await lookAround(store, observerOf(clone, table));
    const ofMachine = (sight?.sessions ?? []).filter(({ owner: { machineId } }) => machineId === owner.machineId);
    const isAlive = ({ id }: Session) => sight?.lives.get(id)?.life.state === "alive";
    return { store, owner, ofMachine, isAlive };
  });
  const listed = async (path: string) => {
    const { ofMachine, ...facts } = await read();
    return { ...facts, here: ofMachine.filter(({ worktree }) => isSamePath(worktree, path)) };
  };
  return {
    async places() {
      return [...new Set((await read()).ofMachine.map(({ worktree }) => worktree))];
    },
    async others(path) {
      const { owner, here, isAlive } = await listed(path);
      return here.filter((session) => isAlive(session) && !isSameOwner(session.owner, owner)).map(inWords);
    },
    async at(path) {
      const { owner, here } = await listed(path);
      const healths = here.map((session) => `${inWords(session)}, ${sessionHealth(session.heartbeatAgeSeconds)}`);
      return { inWords: healths, own: here.some((session) => isSameOwner(session.owner, owner)) };
    },
    async claimed(path) {
      return (await listed(path)).here.find(({ item }) => item !== null)?.item ?? null;
    },
    async end(path) {
      const { store, owner, here } = await listed(path);
      for (const session of here) {
        await store?.endSession(session.id, isSameOwner(session.owner, owner) ? "graceful_exit" : "manual");
      }
      return here.find(({ item }) => item !== null)?.item ?? null;
    },
  };
}

function inWords({ id, item, hostname, heartbeatAgeSeconds }: Session): string {
  const what = item === null ? "" : ` (${item})`;
  return `session ${shortSessionId(id)}${what} on ${hostname}, last heard of ${ageInWords(heartbeatAgeSeconds)}`;
}
