import { typed } from "../invocation.ts";
import { type ErrorText, entry, list, onBranch, text } from "./entry.ts";

/** Texts of sessions and their store. */
export const SESSION_TEXTS = {
  GATE_MULTI_SESSION_CLAIM_CONFLICT: entry<{
    sd_id: string;
    claimed_by: string;
    hostname: string;
    heartbeat_age_human: string;
    current_branch: string | null;
  }>(
    1,
    (d) =>
      `${text(d.sd_id)} is claimed by session ${text(d.claimed_by)} on ${text(d.hostname)}, ${onBranch(d)}, heartbeat ${text(d.heartbeat_age_human)}.`,
    (d) =>
      `Pick another item, or wait for its release. Should that session be gone: ${typed(`release ${text(d.sd_id)} --force`)}`,
  ),
  CONFLICT: entry<{ sd_id: string; claimed_by: string; worktree: string; heartbeat_age_human: string }>(
    1,
    (d) => `CONFLICT: Another active session is already working on ${text(d.sd_id)}`,
    (d) =>
      `It is session ${text(d.claimed_by)} of this terminal, in ${text(d.worktree)}, heartbeat ${text(d.heartbeat_age_human)}. Close it first, or pick another item.`,
  ),
  WORKTREE_IN_USE: entry<{
    claimed_by: string;
    held_sd_id: string | null;
    heartbeat_age_human: string;
    worktree_command: string;
  }>(
    1,
    (d) =>
      `This worktree belongs to another live session: ${text(d.claimed_by)}, ${d.held_sd_id ? `working on ${text(d.held_sd_id)}` : "without an item"}, heartbeat ${text(d.heartbeat_age_human)}.`,
    (d) => `Take a worktree of your own: ${text(d.worktree_command)}  (or join this one with --share)`,
  ),
  CLAIM_HELD_BY_OTHER: entry<{
    sd_id: string | null;
    claimed_by: string;
    hostname: string;
    heartbeat_age_human: string;
  }>(
    1,
    (d) =>
      `${d.sd_id ? `${text(d.sd_id)} is held by` : "Here works"} another live session: ${text(d.claimed_by)} on ${text(d.hostname)}, heartbeat ${text(d.heartbeat_age_human)}.`,
    (d) =>
      `Leave it to its holder, or override it as an operator: ${typed(`release ${d.sd_id ? `${text(d.sd_id)} ` : ""}--force`)}`,
  ),
  ITEM_NOT_CLAIMED: entry<{ sd_id: string; known: boolean; nearest?: string | null }>(
    1,
    (d) =>
      d.known
        ? `${text(d.sd_id)} is claimed by nobody.`
        : `Nobody has ever claimed ${text(d.sd_id)} here.${d.nearest ? ` Did you mean '${text(d.nearest)}'?` : ""}`,
    (d) =>
      d.known ? `It is free: ${typed(`start ${text(d.sd_id)}`)}` : `See who holds what with: ${typed("sessions")}`,
  ),
  CLAIM_ABANDONED: entry<{ sd_id: string; claimed_by: string; heartbeat_age_human: string }>(
    1,
    (d) =>
      `${text(d.sd_id)} is claimed by session ${text(d.claimed_by)}, which shows no sign of life (heartbeat ${text(d.heartbeat_age_human)}): nobody is there to be asked.`,
    (d) => `Take it over: ${typed(`start ${text(d.sd_id)}`)}`,
  ),
  NOTHING_TO_HAND_OVER: entry<{ sd_id: string | null; held_by_receiver?: boolean }>(
    1,
    (d) =>
      d.held_by_receiver
        ? `That session holds ${text(d.sd_id)} already. Nothing was changed.`
        : d.sd_id === null
          ? "This worktree's session holds no item, so there is nothing to hand over."
          : `${text(d.sd_id)} is claimed by nobody, so there is nothing to hand over.`,
    () => `See who holds what with: ${typed("sessions")}`,
  ),
  RECEIVER_AWAY: entry<{ sd_id: string; receiver: string }>(
    1,
    (d) => `Session ${text(d.receiver)} has ended or shows no sign of life: ${text(d.sd_id)} stays where it is.`,
    (d) => `See who is at work with \`${typed("sessions")}\`, or free it for all: ${typed(`release ${text(d.sd_id)}`)}`,
  ),
  RECEIVER_BUSY: entry<{ sd_id: string; receiver: string; receiver_sd_id: string }>(
    1,
    (d) =>
      `Session ${text(d.receiver)} works on ${text(d.receiver_sd_id)}, which it would lose: ${text(d.sd_id)} stays where it is.`,
    () => `It has to release that first: ${typed("release")}`,
  ),
  HAND_OVER_RACED: entry<{ sd_id: string; receiver: string }>(
    1,
    (d) => `Something changed in this moment: ${text(d.sd_id)} was not handed over to session ${text(d.receiver)}.`,
    () => `Look who holds it now with: ${typed("sessions")}`,
  ),
  HANDOFFS_UNRESOLVED: entry<{ sd_id: string; failures: readonly string[] }>(
    1,
    (d) => `${text(d.sd_id)} has handoffs that failed and were not resolved: ${list(d.failures)}.`,
    () => `Put a retry on record, or resolve them: ${typed("handoff resolve <id> --as <type>")}`,
  ),
  HANDOFF_NOT_FOUND: entry<{ id: string }>(
    1,
    (d) => `There is no handoff '${text(d.id)}', or several begin so. Nothing was changed.`,
    () => `See those that there are: ${typed("handoff list")}`,
  ),
  COMMAND_NOT_STARTED: entry<{ command: string; reason: string; sd_id: string }>(
    3,
    (d) => `'${text(d.command)}' could not be started: ${text(d.reason)}.`,
    (d) => `Check its name and the PATH. ${text(d.sd_id)} was not kept claimed for it.`,
  ),
  SESSION_NEEDS_BRANCH: entry<{ sha: string }>(
    1,
    (d) => `HEAD is detached at ${text(d.sha)}: a session needs a branch that it can expect.`,
    () => "Finish what is in progress, or switch to a branch: git switch <branch>",
  ),
  SESSION_FILE_NOT_WRITTEN: entry<{ sd_id: string; reason: string }>(
    4,
    (d) => `${text(d.sd_id)} is claimed, but the worktree's files could not be written: ${text(d.reason)}`,
    (d) => `Free what is in the way, then finish with: ${typed(`start ${text(d.sd_id)}`)}`,
  ),
  NO_SESSION: entry<{ worktree: string }>(
    1,
    (d) => `No session is at work in ${text(d.worktree)}.`,
    () => `Start one: ${typed("start <item>")}`,
  ),
  NO_EXPECTATION: entry<{ worktree: string }>(
    1,
    (d) => `${text(d.worktree)} has no session file, so it expects no branch.`,
    () => `Start a session: ${typed("start <item>")}`,
  ),
  NO_SUCH_BRANCH: entry<{ branch: string }>(
    2,
    (d) => `There is no branch '${text(d.branch)}' in this repository.`,
    (d) => `Make it first: git branch ${text(d.branch)}`,
  ),
  SESSION_NOT_FOUND: entry<{ session: string }>(
    1,
    (d) => `The session ${text(d.session)} is not known here.`,
    () => `Start a new one: ${typed("start <item>")}`,
  ),
  SESSION_RELEASED: entry<{ session: string; released_reason: string | null; released_at: string | null }>(
    1,
    (d) =>
      `The session ${text(d.session)} has ended (${text(d.released_reason)}, ${text(d.released_at)}) and is not revived.`,
    () => `The work on the branch is safe. Start a new session: ${typed("start <item>")}`,
  ),
  KEEPER_RUNNING: entry<{ pid: number | null }>(
    1,
    (d) => `A keeper runs already in this clone${d.pid ? `: process ${text(d.pid)}` : ""}.`,
    () => `One is enough. To end it: ${typed("keeper stop")}`,
  ),
  PROCESS_NOT_FOUND: entry<{ pid: string }>(
    2,
    (d) => `There is no process ${text(d.pid)} on this machine.`,
    () => "Give --pid the number of a running process, such as $$ in a shell.",
  ),
  START_RACED: entry<{ sd_id: string }>(
    1,
    (d) => `Other sessions kept claiming around ${text(d.sd_id)}; nothing was claimed.`,
    (d) => `Look who is at work with \`${typed("sessions")}\`, then: ${typed(`start ${text(d.sd_id)}`)}`,
  ),
  STORE_FAILED: entry<{ team?: boolean; path: string; reason: string }>(
    3,
    (d) => `The ${d.team ? "team" : "session"} database ${text(d.path)} could not be used: ${text(d.reason)}`,
    (d) =>
      d.team
        ? `What was asked for was not done, or not confirmed. Look with \`${typed("sessions")}\`, then run the command again.`
        : "What was asked for was not done. Check the file, its permissions and the free space, then run the command again.",
  ),
  STORE_UNREACHABLE: entry<{ path: string; reason: string }>(
    3,
    (d) => `The team database ${text(d.path)} cannot be reached: ${text(d.reason)}`,
    () =>
      "Nothing was changed; claims stand, and commits and the guard work without it. Check the network and BULKHEAD_DATABASE_URL, then run the command again.",
  ),
  STORE_NOT_MIGRATED: entry<{ path: string; reason: string }>(
    3,
    (d) => `The team database ${text(d.path)} lacks what this Bulkhead needs: ${text(d.reason)}`,
    () => `Bring it up to date once, for the whole team: ${typed("db migrate")}`,
  ),
  DATABASE_URL_INVALID: entry<{ reason: string }>(
    2,
    (d) => `BULKHEAD_DATABASE_URL cannot be used: ${text(d.reason)}.`,
    () => "Set it to postgres://user:password@host:port/database, or unset it to use the embedded store.",
  ),
  STORE_SPLIT: entry<{ sessions: number }>(
    3,
    (d) =>
      `BULKHEAD_DATABASE_URL is set, but ${text(d.sessions)} live session(s) of this clone are in its embedded store: two stores would give one item to two sessions.`,
    () => `Carry them over once, with their claims: ${typed("db import")}`,
  ),
  STORE_MOVED: entry<{ team: string; since: string; marker: string }>(
    3,
    (d) =>
      `The sessions of this clone are kept in the team database ${text(d.team)} since ${text(d.since)}, and BULKHEAD_DATABASE_URL is not set here.`,
    (d) => `Set it. To go back to the embedded store for good, remove the file ${text(d.marker)}`,
  ),
  STORE_NEWER: entry<{ path: string; migration: string }>(
    3,
    (d) =>
      `The session database ${text(d.path)} was made by a newer Bulkhead: it has the migration ${text(d.migration)}.`,
    () => "Update Bulkhead here: npm i -D bulkhead@latest",
  ),
  MIGRATION_CHANGED: entry<{ migration: string; path: string }>(
    3,
    (d) => `The migration ${text(d.migration)} of ${text(d.path)} is not the one that this Bulkhead has.`,
    () => "Install the released Bulkhead again; migrations that have landed never change.",
  ),
} as const satisfies Record<string, ErrorText>;
