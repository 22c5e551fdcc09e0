/** What people read of worktrees. */
import type { CleanupWorktreeDocument } from "../app/worktree-cleanup.ts";
import type { CreateWorktreeDocument } from "../app/worktree-create.ts";
import type { SweepDocument } from "../app/worktree-merged.ts";
import type { RestoreWorktreeDocument } from "../app/worktree-restore.ts";
import type { TrashDocument } from "../app/worktree-trash.ts";
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
  for (const detail of details) lines.push(`Not done: ${detail}`);
  if (details.length > 0) lines.push(`When the store answers again: ${typed("worktree --list")} releases the claim.`);
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

/** Widest line of the list. */
const WIDTH = 80;

export function listText({ worktrees }: WorktreesDocument): string {
  return worktrees.flatMap((row) => rowLines(row).map((line, i) => clipped(i === 0 ? line : `    ${line}`))).join("\n");
}

function rowLines(row: WorktreesDocument["worktrees"][number]): string[] {
  const mark = row.own ? "* " : "  ";
  const what = row.sdKey ?? row.session;
  const state = row.prunable ? " (gone)" : row.session_file === "invalid" ? " (broken session file)" : "";
  const head = `${mark}${row.branch ?? "detached"}${what === null ? "" : `  ${what}`}${row.main ? "  main checkout" : ""}${state}`;
  const other = row.expected_branch !== null && row.expected_branch !== row.branch;
  const lines = [head, row.path, ...(other ? [`! expects ${row.expected_branch}`] : []), ...row.sessions];
  if (row.removable === undefined) return lines;
  const counts = [
    `${row.changed ?? "?"} changed`,
    `${row.untracked ?? "?"} untracked`,
    `${row.ignored_unique ?? "?"} ignored only here`,
    `+${row.ahead ?? "?"} -${row.behind ?? "?"} base`,
    `${row.unpushed ?? "?"} unpushed`,
  ];
  const facts = [
    age(row.age_seconds ?? 0),
    `${row.size_complete === false ? "more than " : ""}${size(row.size_bytes ?? 0)}`,
    row.hooks_armed ? "hooks armed" : "hooks NOT armed",
  ];
  const removal = row.removable ? "can be removed: yes" : `can be removed: no, because ${row.because?.join("; ")}`;
  return [...lines, counts.join(", "), facts.join(", "), removal];
}

function clipped(line: string): string {
  return line.length <= WIDTH ? line : `${line.slice(0, WIDTH - 1)}…`;
}

function age(seconds: number): string {
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600)];
  return days > 0 ? `${days} d old` : hours > 0 ? `${hours} h old` : `${Math.floor(seconds / 60)} min old`;
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} kB` : `${Math.round(bytes / 1024 / 1024)} MB`;
}

/** Records for scripts: each fact ends with NUL, and so does each worktree. */
export function listRecords({ worktrees }: WorktreesDocument): string {
  const value = (fact: unknown) => (Array.isArray(fact) ? fact.join("; ") : fact === null ? "" : String(fact));
  const records = worktrees.map((row) => {
    const facts = Object.entries(row).map(([name, fact]) => `${name === "path" ? "worktree" : name} ${value(fact)}\0`);
    return `${facts.join("")}\0`;
  });
  return records.join("");
}

export function sweepText({ plan, cleaned }: SweepDocument): string {
  if (plan.length === 0) return "No worktree is merged.";
  const kept = plan.length - cleaned.filter((report) => report.cleaned).length;
  return `Removed ${plan.length - kept} of ${plan.length} merged worktrees; ${typed("worktree --restore <item>")} brings one back.`;
}

export function trashText({ kept, deleted, announced }: TrashDocument): string {
  const line = (row: TrashDocument["kept"][number]) =>
    `${row.id}  ${size(row.size_bytes)}${row.only_copy.length > 0 ? `  the only copy of: ${row.only_copy.join("; ")}` : ""}`;
  const lines = [
    ...kept.map(line),
    ...announced.map((row) => `goes in a day: ${line(row)}`),
    ...deleted.map((row) => `deleted: ${row.id}`),
  ];
  return lines.length === 0 ? "No removed worktree is kept." : lines.join("\n");
}

export function adoptText({ path, branch, state }: AdoptDocument): string {
  const how = { kept: "has its session file", restored: "has its session file back", created: "is adopted" }[state];
  return `${path} ${how}: it expects '${branch}'.`;
}
