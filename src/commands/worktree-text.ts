/** What people read of worktrees. */
import type { CleanupWorktreeDocument } from "../app/worktree-cleanup.ts";
import type { CreateWorktreeDocument } from "../app/worktree-create.ts";
import type { RestoreWorktreeDocument } from "../app/worktree-restore.ts";
import type { AdoptDocument, WorktreesDocument } from "../app/worktrees.ts";
import { typed } from "../domain/invocation.ts";
import { shellWord } from "../domain/shell-word.ts";

export function createNotes(document: CreateWorktreeDocument): string[] {
  const { branch, created, from, fetched, port, steps, setup_waiting: waiting, trash, started } = document;
  const start = from === null ? "" : `, from ${from}`;
  const lines = [created ? `Made a worktree on '${branch}'${start}.` : `There is one already, on '${branch}'.`];
  if (fetched === "offline") lines.push("The remote could not be reached: what was fetched last was taken.");
  if (fetched === "no_remote") lines.push("There is no remote to ask: the clone's own base was taken.");
  for (const { name, state, detail } of steps) {
    if (state === "failed") lines.push(`! ${name}: ${detail}`);
    else if (detail !== "" && name !== "port" && name !== "hooks") lines.push(`${name}: ${detail}`);
  }
  if (created && !steps.some(({ name, state }) => name === "hooks" && state !== "skipped")) {
    lines.push(`The guard is not armed in this clone: ${typed("init")}`);
  }
  if (port !== null) lines.push(`BULKHEAD_PORT: ${port}`);
  if (waiting !== null) {
    lines.push(`${waiting.source} would make it ready by these commands, which were not run:`);
    lines.push(...waiting.commands.map((command) => `  ${command}`));
    lines.push(`Run them, now and from now on: ${typed(`worktree ${document.session} --setup`)}`);
  }
  if (trash !== null) lines.push(`What stood there before is kept: ${typed(`worktree --restore ${trash}`)}`);
  if (started !== null) lines.push(`Claimed ${started.sd_id} there.`);
  return lines;
}

export function cleanupText(document: CleanupWorktreeDocument): string {
  const { cleaned, reason, path, branch, details, forcible, saved, name, trash, released } = document;
  if (reason === "worktree_not_found") return `There is no worktree of '${name}'. Nothing was changed.`;
  if (!cleaned) {
    const what =
      { in_use: "is in use", unpushed_commits: "holds unpushed commits" }[reason as string] ?? "is not clean";
    const lines = [`${path} ${what}; nothing was removed.`, ...details.map((detail) => `  ${detail}`)];
    if (forcible) lines.push("To save all of this and remove it all the same: the same command with --force");
    return lines.join("\n");
  }
  const lines = [`Removed ${path}.`];
  if (branch !== null) lines.push(`Its branch '${branch}' is still there.`);
  if (released !== null) lines.push(`${released} is free again.`);
  for (const detail of saved) lines.push(`Saved: ${detail}`);
  lines.push(`Back again: ${typed(`worktree --restore ${shellWord(trash ?? name)}`)}`);
  return lines.join("\n");
}

export function restoreText(document: RestoreWorktreeDocument): string {
  const { path, branch, branchMade, branchMovedTo, stashes, claimed, not_claimed_because: why, item } = document;
  const lines = [`${path} is back${branch === null ? "" : `, on '${branch}'`}.`];
  if (branchMade) lines.push(`Its branch had been deleted, and is back too.`);
  if (branchMovedTo !== null)
    lines.push(`Its branch has moved to ${branchMovedTo.slice(0, 12)} meanwhile, and stays there.`);
  if (stashes > 0) lines.push(`${stashes} dropped stash ${stashes === 1 ? "entry is" : "entries are"} back.`);
  if (claimed === true) lines.push(`${item} is claimed again.`);
  if (claimed === false) lines.push(`${item} was not claimed again: ${why}`);
  return lines.join("\n");
}

export function listText({ worktrees }: WorktreesDocument): string {
  const lines = worktrees.map((row) => {
    const state = row.prunable ? " (gone)" : row.session_file === "invalid" ? " (broken session file)" : "";
    const other = row.expected_branch !== null && row.expected_branch !== row.branch;
    const expects = other ? `, expects ${row.expected_branch}` : "";
    const session = row.session === null ? "" : `  ${row.sdKey ?? row.session}`;
    return `${row.path}  ${row.branch ?? "detached"}${expects}${session}${state}`;
  });
  return lines.join("\n");
}

export function adoptText({ path, branch, state }: AdoptDocument): string {
  const how = { kept: "has its session file", restored: "has its session file back", created: "is adopted" }[state];
  return `${path} ${how}: it expects '${branch}'.`;
}
