import { shortSha } from "./facts.ts";
import type { Finding } from "./findings.ts";
import type { Scan } from "./scan.ts";

/** What the scan found, as `--json` prints it. @param upstream whether what remotes let go of is listed one by one */
export function scanDocument(scan: Scan, upstream: boolean) {
  return {
    scanned: scan.scanned,
    window_hours: scan.windowHours,
    commits: scan.findings.filter(({ verdict }) => upstream || verdict !== "upstream").map(findingDocument),
    stacks: scan.stacks.map(({ tip, commits, paths, insertions, deletions, stat }) => ({
      ...{ tip, short: shortSha(tip), commits, files: paths.length, paths, insertions, deletions, stat },
    })),
    upstream: groupUpstream(scan.findings).map(({ ref, commits, authors }) => ({ ref, commits, authors })),
    staged_blobs: scan.blobs.map(({ sha, stagedAt, size, preview, paths }) => ({
      ...{ sha, staged_at: isoTime(stagedAt), size, preview, likely_paths: paths },
    })),
    older: scan.older,
    /** Packed objects that were not looked at: `--deep` does. */
    not_looked_at: scan.unread,
    shallow: scan.shallow,
  };
}

/** One commit of a scan, as `--json` prints it. */
export function findingDocument(finding: Finding) {
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
    missing: finding.missing.map(({ path, hunk, alarm }) => ({ path, hunk, alarm })),
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
            session: lostBy.worker?.session ?? null,
            item: lostBy.worker?.item ?? null,
          },
    expires_at: isoTime(finding.expiresAt),
  };
}

/** ISO 8601, UTC; null for a time that is not known or that no calendar has. */
export function isoTime(seconds: number | null): string | null {
  if (seconds === null || Math.abs(seconds) > 8.64e12) return null;
  return new Date(seconds * 1000).toISOString();
}

/** What a remote let go of, by the ref that had it. */
export interface UpstreamGroup {
  /** Null where no log says which ref it was. */
  readonly ref: string | null;
  readonly commits: number;
  readonly authors: number;
}

/** Commits that came by fetch and went by fetch, in one line for each ref; the largest first. Pure. */
export function groupUpstream(findings: readonly Finding[]): UpstreamGroup[] {
  const groups = new Map<string | null, { commits: number; authors: Set<string> }>();
  for (const { verdict, upstreamOf, commit } of findings) {
    if (verdict !== "upstream") continue;
    const group = groups.get(upstreamOf) ?? { commits: 0, authors: new Set() };
    group.commits++;
    group.authors.add(commit?.authorEmail ?? "");
    groups.set(upstreamOf, group);
  }
  return [...groups]
    .map(([ref, { commits, authors }]) => ({ ref, commits, authors: authors.size }))
    .sort((a, b) => b.commits - a.commits);
}

/** Whether a finding is one that `--exit-code` counts: something that nobody has. */
export function isAlarm({ verdict, missing }: Pick<Finding, "verdict" | "missing">): boolean {
  return verdict === "lost" || missing.some(({ alarm }) => alarm);
}

/** What a scan found that `git gc` should not take: by its tips, and staged content by itself. */
export function worthKeeping({ stacks, findings, blobs }: Scan): { wanted: string[]; blobs: string[] } {
  const others = findings.filter((finding) => finding.verdict === "stash" || finding.missing.length > 0);
  const wanted = [...stacks.map(({ tip }) => tip), ...others.map(({ sha }) => sha)];
  return { wanted: [...new Set(wanted)], blobs: blobs.map(({ sha }) => sha) };
}
