import { typed } from "../domain/invocation.ts";
import { printable } from "../domain/printable.ts";
import { shortSha, type VerdictKind } from "./facts.ts";
import type { Finding } from "./findings.ts";
import type { Recovery } from "./rescue.ts";
import type { Scan } from "./scan.ts";

/** What the scan found, as `--json` prints it. */
export function scanDocument(scan: Scan) {
  return {
    scanned: scan.scanned,
    window_hours: scan.windowHours,
    commits: scan.findings.map(findingDocument),
    stacks: scan.stacks.map(({ tip, commits }) => ({ tip, short: shortSha(tip), commits })),
    older: scan.older,
  };
}

function findingDocument(finding: Finding) {
  const { sha, commit, paths, lostBy } = finding;
  return {
    sha,
    short: shortSha(sha),
    subject: commit?.subject ?? null,
    author: commit === null ? null : `${commit.authorName} <${commit.authorEmail}>`,
    date: isoTime(commit?.authorTime ?? null),
    files: paths.length,
    paths,
    insertions: finding.insertions,
    deletions: finding.deletions,
    verdict: finding.verdict,
    reason: finding.reason,
    replaced_by: finding.replacedBy,
    not_returned: finding.notReturned,
    stack: finding.stack,
    last_seen: isoTime(finding.lastSeen),
    lost_by:
      lostBy === null
        ? null
        : {
            command: lostBy.entry.message,
            ref: lostBy.entry.ref,
            worktree: lostBy.worktree,
            who: lostBy.entry.who,
            at: isoTime(lostBy.entry.at),
          },
    expires_at: isoTime(finding.expiresAt),
  };
}

/** ISO 8601, UTC; null for a time that is not known or that no calendar has. */
function isoTime(seconds: number | null): string | null {
  if (seconds === null || Math.abs(seconds) > 8.64e12) return null;
  return new Date(seconds * 1000).toISOString();
}

/** What the scan found, for people. @param now seconds since 1970 */
export function scanText(scan: Scan, now: number): string {
  const window = scan.windowHours === null ? "" : ` in last ${scan.windowHours} hours`;
  const lost = scan.findings.filter(({ verdict }) => verdict === "lost" || verdict === "at_risk");
  const stashes = scan.findings.filter(({ verdict }) => verdict === "stash");
  const edited = scan.findings.filter(({ notReturned }) => notReturned.length > 0);
  if (lost.length === 0 && stashes.length === 0) return `✅ No orphaned commits found${window}`;
  const blocks = lost.length === 0 ? [`✅ No orphaned commits found${window}`] : [lostBlock(scan, lost, window, now)];
  if (stashes.length > 0) {
    blocks.push(`Dropped stashes: ${stashes.length}\n\n${table(stashes.map((stash) => row(stash, now)))}`);
  }
  if (edited.length > 0) {
    const lines = edited.map((finding) => `  ${shortSha(finding.sha)}  ${printable(finding.reason)}`);
    blocks.push(`Replaced, but not by the same change:\n\n${lines.join("\n")}`);
  }
  blocks.push(`Bring a commit back, with all below it: ${typed("recover --recover <sha>")}`);
  return blocks.join("\n\n");
}

function lostBlock(scan: Scan, lost: readonly Finding[], window: string, now: number): string {
  const bySha = new Map(lost.map((finding) => [finding.sha, finding]));
  const noun = lost.length === 1 ? "commit" : "commits";
  const rows = scan.stacks.flatMap(({ tip, commits }) => {
    const listed = commits.flatMap((sha) => bySha.get(sha) ?? []);
    // A commit below two tips is shown under the first.
    return listed.filter(({ stack }) => stack === tip).map((finding) => row(finding, now, finding.sha !== tip));
  });
  const tips = scan.stacks.flatMap(({ tip }) => bySha.get(tip) ?? []);
  const notes = tips.map((tip) => `  ${shortSha(tip.sha)}  ${printable(story(tip, now))}`);
  return `Orphaned ${noun}${window}: ${lost.length}\n\n${table(rows)}\n\n${notes.join("\n")}`;
}

const HEADINGS = ["SHA", "AGE", "AUTHOR", "FILES", "+/-", "VERDICT", "SUBJECT"] as const;

/** @param below whether the commit lies below the tip of its stack */
function row(finding: Finding, now: number, below = false): string[] {
  const { commit, paths, insertions, deletions, verdict, lastSeen } = finding;
  return [
    shortSha(finding.sha),
    lastSeen === null ? "?" : age(now - lastSeen),
    cut(printable(commit?.authorName ?? "?"), 20),
    String(paths.length),
    `+${insertions} -${deletions}`,
    verdict,
    `${below ? "└ " : ""}${cut(printable(commit?.subject ?? ""), 72)}`,
  ];
}

function table(rows: readonly (readonly string[])[]): string {
  const all = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
  return all.map((cells) => `  ${line(cells)}`.trimEnd()).join("\n");
}

/** Why, who, when, and until when: one line. */
function story({ reason, lostBy, expiresAt }: Finding, now: number): string {
  const act =
    lostBy === null
      ? []
      : [`left by "${lostBy.entry.message}" in ${lostBy.worktree}, ${age(now - lostBy.entry.at)} ago`];
  const end = expiresAt === null ? [] : [`git gc may delete it ${deadline(expiresAt - now)}`];
  return [reason, ...act, ...end].join("; ");
}

function deadline(seconds: number): string {
  return seconds <= 0 ? "any time now" : `in ${age(seconds)}`;
}

/** Seconds as people say them: `45s`, `12m`, `5h`, `9d`. */
export function age(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}

/** What needs no one's attention, in a line; empty when there is nothing to say. */
export function leftOutLine(scan: Scan): string {
  const count = (kind: VerdictKind) => scan.findings.filter(({ verdict }) => verdict === kind).length;
  const parts = [
    [count("superseded"), "superseded"],
    [count("trivial"), "trivial"],
    [count("gone"), "gone"],
    [scan.older, "older than the window (--all shows them)"],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return said.length === 0 ? "" : `Not shown: ${said.join(", ")}. --json lists what was judged.`;
}

/** What `--recover` did, as `--json` prints it. */
export function recoveryDocument(recoveries: readonly Recovery[]) {
  return {
    recovered: recoveries.flatMap(({ sha, ...rest }) =>
      rest.kind === "created" ? [{ sha, short: shortSha(sha), branch: rest.branch }] : [],
    ),
    held: recoveries.flatMap(({ sha, ...rest }) =>
      rest.kind === "held" ? [{ sha, short: shortSha(sha), refs: rest.refs }] : [],
    ),
  };
}

/** What `--recover` did, for people. */
export function recoveryText(recoveries: readonly Recovery[]): string {
  const lines = recoveries.map((recovery) =>
    recovery.kind === "created"
      ? `✅ ${shortSha(recovery.sha)} is on branch ${recovery.branch}`
      : `${shortSha(recovery.sha)} is not lost: ${heldBy(recovery.refs)}. No branch was made.`,
  );
  const [first] = recoveries.filter((recovery) => recovery.kind === "created");
  const next =
    first === undefined
      ? []
      : ["Nothing was checked out. To take all of it over, on your branch:", `  git merge ${first.branch}`];
  return [...lines, ...next].join("\n");
}

function heldBy(refs: readonly string[]): string {
  const shown = refs.slice(0, 3).map(printable).join(", ");
  const more = refs.length > 3 ? ` and ${refs.length - 3} more` : "";
  return `${shown}${more} ${refs.length === 1 ? "has" : "have"} it`;
}
