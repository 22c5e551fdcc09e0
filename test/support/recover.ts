import type { TestRepository } from "./repository.ts";

/** One commit of `recover --json`. */
export interface FoundCommit {
  readonly sha: string;
  readonly short: string;
  readonly subject: string | null;
  readonly author: string | null;
  readonly date: string | null;
  readonly files: number;
  readonly paths: readonly string[];
  readonly verdict: string;
  readonly reason: string;
  readonly replaced_by: string | null;
  readonly not_returned: readonly string[];
  readonly missing: readonly {
    readonly path: string;
    readonly hunk: { readonly text: string } | null;
    readonly alarm: boolean;
  }[];
  readonly stack: string | null;
  readonly last_seen: string | null;
  readonly lost_by: { readonly command: string; readonly ref: string; readonly worktree: string } | null;
  readonly expires_at: string | null;
}

/** The document of `recover --json`. */
export interface ScanDocument {
  readonly scanned: number;
  readonly window_hours: number | null;
  readonly commits: readonly FoundCommit[];
  readonly stacks: readonly { readonly tip: string; readonly commits: readonly string[] }[];
  readonly older: number;
  readonly upstream: readonly { readonly ref: string | null; readonly commits: number; readonly authors: number }[];
  readonly staged_blobs: readonly { readonly sha: string; readonly likely_paths: readonly string[] }[];
  readonly not_looked_at: number;
  readonly shallow: boolean;
  readonly rescue?: { readonly ref: string; readonly added: readonly string[]; readonly dropped: readonly string[] };
}

/** Scans and expects it to succeed. */
export function scanJson(repository: TestRepository, ...args: string[]): ScanDocument {
  const { exitCode, json } = repository.bulkheadJson<ScanDocument>(["recover", ...args]);
  if (exitCode !== 0) throw new Error(`recover exited ${exitCode}: ${JSON.stringify(json)}`);
  return json;
}

/** The verdict on each commit, by hash. */
export function verdicts(scan: ScanDocument): Record<string, string> {
  return Object.fromEntries(scan.commits.map(({ sha, verdict }) => [sha, verdict]));
}

/** What the scan says of one commit. */
export function commitIn(scan: ScanDocument, sha: string): FoundCommit {
  const found = scan.commits.find((commit) => commit.sha === sha);
  if (found === undefined) throw new Error(`${sha} is not in ${JSON.stringify(scan.commits)}`);
  return found;
}

/** The hashes judged so, tips first. */
export function having(scan: ScanDocument, verdict: string): string[] {
  return scan.commits.filter((commit) => commit.verdict === verdict).map(({ sha }) => sha);
}
