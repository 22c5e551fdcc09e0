/** What people read of a scan: pages of 80 columns, stacks with their tips first. */
import { typed } from "../domain/invocation.ts";
import { shellWord } from "../domain/shell-word.ts";
import { groupUpstream, isAlarm, type UpstreamGroup } from "./document.ts";
import { type Missing, shortSha, type VerdictKind } from "./facts.ts";
import type { FileStat, Finding } from "./findings.ts";
import { age, cut, deadline, pad, plural, wrap } from "./phrases.ts";
import type { DescribedStack, Scan } from "./scan.ts";

/** What the scan found, for people. @param now seconds since 1970 */
export function scanText(scan: Scan, now: number, options: { readonly upstream?: boolean } = {}): string {
  const of = (...kinds: VerdictKind[]) => scan.findings.filter(({ verdict }) => kinds.includes(verdict));
  const partly = scan.findings.filter(({ missing }) => missing.length > 0);
  const lost = of("lost", "at_risk");
  const blocks = [lost.length === 0 ? cleanHeadline(scan, partly) : lostBlock(scan, lost, now)];
  const stashes = of("stash");
  if (stashes.length > 0) blocks.push(stashBlock(stashes, now));
  if (partly.length > 0) blocks.push(partlyBlock(partly));
  const strangers = of("upstream");
  if (strangers.length > 0) blocks.push(upstreamBlock(scan, strangers, now, options.upstream ?? false));
  const remarks = listRemarks(scan, of("backup").length);
  if (remarks.length > 0) blocks.push(remarks.join("\n"));
  if (lost.length > 0) {
    const back = `Bring a commit back, with all below it: ${typed("recover --recover <sha>")}`;
    blocks.push(`${back}\nLook at one first: ${typed("recover show <sha>")}`);
  }
  return blocks.join("\n\n");
}

function windowOf({ windowHours }: Scan): string {
  return windowHours === null ? "" : ` in last ${windowHours} hours`;
}

/** The tick promises that there is nothing: not where something was not looked at, or did not come back. */
function cleanHeadline(scan: Scan, partly: readonly Finding[]): string {
  const headline = `No orphaned commits found${windowOf(scan)}`;
  return scan.unread > 0 || partly.some(isAlarm) ? headline : `✅ ${headline}`;
}

function lostBlock(scan: Scan, lost: readonly Finding[], now: number): string {
  const bySha = new Map(lost.map((finding) => [finding.sha, finding]));
  const noun = lost.length === 1 ? "commit" : "commits";
  const rows = scan.stacks.flatMap(({ tip, commits }) => {
    const listed = commits.flatMap((sha) => bySha.get(sha) ?? []);
    // A commit below two tips is shown under the first.
    return listed.filter(({ stack }) => stack === tip).map((finding) => row(finding, now, finding.sha !== tip));
  });
  const stories = scan.stacks.flatMap((stack) => {
    const tip = bySha.get(stack.tip);
    return tip === undefined ? [] : [story(tip, stack, now)];
  });
  return `Orphaned ${noun}${windowOf(scan)}: ${lost.length}\n\n${table(rows)}\n\n${stories.join("\n")}`;
}

const HEADINGS = ["SHA", "AGE", "AUTHOR", "FILES", "+/-", "VERDICT", "SUBJECT"] as const;
const COLUMNS = 80;

/** @param below whether the commit lies below the tip of its stack */
function row(finding: Finding, now: number, below = false): string[] {
  const { commit, paths, insertions, deletions, verdict, lastSeen } = finding;
  return [
    shortSha(finding.sha),
    lastSeen === null ? "?" : age(now - lastSeen),
    cut(commit?.authorName ?? "?", 14),
    String(paths.length),
    `+${insertions} -${deletions}`,
    verdict,
    `${below ? "└ " : ""}${commit?.subject ?? ""}`,
  ];
}

/** The last column takes what the others leave. */
function table(rows: readonly (readonly string[])[]): string {
  const all = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((cells) => [...(cells[column] ?? "")].length)));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 2);
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === cells.length - 1 ? cut(cell, COLUMNS - before) : pad(cell, widths[i] ?? 0)))
      .join("  ");
  return all.map((cells) => `  ${line(cells)}`.trimEnd()).join("\n");
}

/** What a stack would bring back, why it counts as lost, who lost it, and until when it is kept. */
function story(tip: Finding, stack: DescribedStack, now: number): string {
  const size = stack.commits.length > 1 ? [`${stack.commits.length} commits`] : [];
  const brings = [...size, plural(stack.paths.length, "file"), `+${stack.insertions} -${stack.deletions}`].join(", ");
  const subject = cut(tip.commit?.subject ?? "", 69);
  const lines = [`${brings}: ${tip.reason}`, ...storyClauses(tip, now)].flatMap((clause) => wrap(clause, 4));
  const back = `    ${typed(`recover --recover ${shortSha(tip.sha)}`)}`;
  return [`  ${shortSha(tip.sha)}  ${subject}`, ...lines, ...statLines(stack.stat), back].join("\n");
}

/** So many files of a stack are listed by name. */
const MOST_FILES = 6;

/** The files of a stack, those with the most lines first. */
function statLines(stat: readonly FileStat[]): string[] {
  const shown = [...stat].sort((a, b) => size(b) - size(a)).slice(0, MOST_FILES);
  const width = Math.max(0, ...shown.map(({ path }) => [...cut(path, 50)].length));
  const lines = shown.map(
    ({ path, insertions, deletions }) => `      ${pad(cut(path, 50), width)} | +${insertions} -${deletions}`,
  );
  return stat.length > shown.length ? [...lines, `      and ${stat.length - shown.length} more`] : lines;
}

function size({ insertions, deletions }: FileStat): number {
  return insertions + deletions;
}

/** Who lost a commit, by what, and until when git keeps it. @param now seconds since 1970 */
export function storyClauses({ lostBy, expiresAt }: Finding, now: number): string[] {
  const who = lostBy?.worker == null ? "" : `, by session ${lostBy.worker.session}${onItem(lostBy.worker.item)}`;
  const act =
    lostBy === null
      ? []
      : [`left by "${lostBy.entry.message}" in ${lostBy.worktree}`, `${age(now - lostBy.entry.at)} ago${who}`];
  const end = expiresAt === null ? [] : [`git gc may delete it ${deadline(expiresAt - now)}`];
  return [...act, ...end];
}

/** The command that brings one commit back. */
export function adviceOf(sha: string, finding: Pick<Finding, "verdict"> | null): string {
  if (finding?.verdict === "stash" || finding?.verdict === "backup") return `git stash apply ${sha}`;
  return typed(`recover --recover ${shortSha(sha)}`);
}

function onItem(item: string | null): string {
  return item === null ? "" : ` on ${item}`;
}

function stashBlock(stashes: readonly Finding[], now: number): string {
  const rows = stashes.map((stash) => row(stash, now));
  const commands = stashes.map(({ sha }) => `  git stash apply ${sha}`);
  const how = "Bring a stash back, with its untracked files:";
  return [`Dropped stashes: ${stashes.length}\n\n${table(rows)}\n`, how, ...commands].join("\n");
}

function partlyBlock(partly: readonly Finding[]): string {
  const lines = partly.flatMap(({ sha, reason, missing }) => {
    const paths = [...new Set(missing.map(({ path }) => path))];
    const command = `git show --format= ${shortSha(sha)} -- ${paths.map(shellWord).join(" ")} | git apply --3way`;
    return [
      ...wrap(`${shortSha(sha)}  ${reason}`, 2),
      ...missing.flatMap((part) => wrap(partText(part), 11)),
      `           ${command}`,
    ];
  });
  return ["Replaced, but this never came back:", "", ...lines].join("\n");
}

function partText({ path, hunk }: Missing): string {
  if (hunk === null) return path;
  return `${path}: ${plural(hunk.lines, "line")} at ${hunk.line} ("${cut(hunk.text, 40)}")`;
}

function upstreamBlock(scan: Scan, strangers: readonly Finding[], now: number, listed: boolean): string {
  const groups = groupUpstream(scan.findings);
  const lines = groups.flatMap((group) => wrap(upstreamText(group, scan.shallow), 2));
  const headline = "Fetched once, and gone from the remote since; nobody here made it:";
  if (!listed) return [headline, ...lines, `  List it: ${typed("recover --upstream")}`].join("\n");
  return `${[headline, ...lines].join("\n")}\n\n${table(strangers.map((finding) => row(finding, now)))}`;
}

function upstreamText({ ref, commits, authors }: UpstreamGroup, shallow: boolean): string {
  const what = `${plural(commits, "commit")} by ${plural(authors, "author")}`;
  if (shallow) return `${what}: history is cut here (a shallow clone), so that they may be there still`;
  return `${ref === null ? "a ref that is gone" : ref.replace(/^refs\/(?:remotes|heads)\//, "")}: ${what}`;
}

function listRemarks({ blobs, unread, shallow }: Scan, backups: number): string[] {
  const remarks = [];
  if (blobs.length > 0) {
    const described = blobs.some(({ size }) => size !== null);
    if (described) remarks.push(blobBlock(blobs));
    else {
      const noun = blobs.length === 1 ? "file's content" : "files' contents";
      remarks.push(`Staged, but in no commit: ${blobs.length} ${noun}. List: ${typed("recover --blobs")}`);
    }
  }
  if (backups > 0)
    remarks.push(`Left out: ${plural(backups, "backup")} that tools made for themselves (--json lists them).`);
  if (unread > 0) {
    remarks.push(`Not looked at: ${unread} packed objects that no reflog need name. Look: ${typed("recover --deep")}`);
  }
  if (shallow) remarks.push("History is cut here (a shallow clone): what was fetched before the cut is not judged.");
  return remarks;
}

function blobBlock(blobs: Scan["blobs"]): string {
  const lines = blobs.flatMap(({ sha, size, preview, paths }) => {
    const [likely] = paths;
    const where = likely === undefined ? "a new file" : `looks like ${paths.join(" or ")}`;
    return [
      ...wrap(`${shortSha(sha)}  ${size ?? 0} bytes, ${where}`, 2),
      `           ${cut(preview ?? "", 66)}`,
      `           git cat-file blob ${shortSha(sha)} > ${shellWord(`${likely ?? shortSha(sha)}.recovered`)}`,
    ];
  });
  return ["Staged, but in no commit:", "", ...lines].join("\n");
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
