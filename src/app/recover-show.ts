import type { Git } from "../git/git.ts";
import { findingDocument } from "../recover/document.ts";
import type { Finding } from "../recover/findings.ts";
import { resolveCommits } from "../recover/resolve-commits.ts";
import type { DescribedStack } from "../recover/scan.ts";
import type { Clone } from "./clone.ts";
import { scanLost } from "./recover.ts";

/** One commit with all that is known of it. Texts of several lines are lists of lines. */
export interface ShowDocument {
  /** Null for a commit that is not lost. */
  readonly finding: Finding | null;
  readonly stack: DescribedStack | null;
  readonly sha: string;
  readonly subject: string;
  readonly author: string;
  readonly date: string;
  /** What has it, where it is not lost. */
  readonly holders: readonly string[];
  /** What it changed; of a stash, its untracked files too. */
  readonly patch: readonly string[];
  /** How it differs from the commit that took its place; null where none did. */
  readonly difference: readonly string[] | null;
  /** In seconds since 1970. */
  readonly now: number;
  readonly json: unknown;
}

/** Any window, short of looking into every pack. */
const EVER_HOURS = 876_000;

const DIFF = ["--no-color", "--no-ext-diff", "--no-textconv"] as const;

/**
 * Looks at one commit: what it holds, what became of it, and what came back of it in the commit that replaced it.
 * @throws BulkheadError as `resolveCommits`
 */
export async function showLost(clone: Clone, name: string): Promise<ShowDocument> {
  const { git } = clone.repository;
  const [resolved] = await resolveCommits(git, [name]);
  if (resolved === undefined) throw new Error("no commit was resolved");
  const { commit, holders, stash } = resolved;
  const { finding, stack, now } = await find(clone, commit.sha, holders.length === 0);
  const [patch, difference] = await Promise.all([
    readPatch(git, commit.sha, stash),
    finding?.replacedBy == null ? null : compare(git, finding, finding.replacedBy),
  ]);
  const told = {
    sha: commit.sha,
    subject: commit.subject,
    author: `${commit.authorName} <${commit.authorEmail}>`,
    date: new Date(commit.authorTime * 1000).toISOString(),
    holders,
    patch,
    difference,
  };
  const json = { ...told, ...(finding === null ? {} : findingDocument(finding)), held_by: holders };
  return { ...told, finding: finding, stack, now, json };
}

async function find(clone: Clone, sha: string, lost: boolean) {
  const input = { windowHours: EVER_HOURS, blobs: false, protect: false };
  for (const deep of lost ? [false, true] : []) {
    const { scan, now } = await scanLost(clone, { ...input, deep });
    const finding = scan.findings.find((found) => found.sha === sha) ?? null;
    const stack = scan.stacks.find(({ tip }) => tip === finding?.stack) ?? null;
    if (finding !== null) return { finding, stack, now };
  }
  return { finding: null, stack: null, now: Math.floor(clone.clock().getTime() / 1000) };
}

async function readPatch(git: Git, sha: string, stash: boolean): Promise<string[]> {
  const show = ["show", "--format=", "--stat=78", "-p", ...DIFF];
  if (!stash) return lines(await git.text([...show, "--cc", sha]));
  const own = await git.text(["diff", "--stat=78", "-p", ...DIFF, `${sha}^1`, sha]);
  const third = await git.run(["rev-parse", "--verify", "--quiet", `${sha}^3`], { allow: [1] });
  return lines(own, third.exitCode === 0 ? await git.text([...show, "--root", `${sha}^3`]) : "");
}

/** The two commits side by side where they stand on the same parent; else their changes, which `range-diff` compares. */
async function compare(git: Git, { sha, commit, reason, paths }: Finding, by: string): Promise<string[]> {
  const parents = await git.run(["rev-parse", "--verify", "--quiet", `${by}^1`], { allow: [1] });
  const copied = /^(?:amended|rebased|cherry-picked|taken over) as /.test(reason);
  if (copied && commit?.parents.length === 1 && parents.stdout.trim() !== commit.parents[0]) {
    const range = await git.run(["range-diff", ...DIFF, `${sha}^!`, `${by}^!`], { allow: [128] });
    if (range.exitCode === 0) return lines(range.stdout.trimEnd());
  }
  return lines(await git.text(["--literal-pathspecs", "diff", ...DIFF, sha, by, "--", ...paths]));
}

function lines(...texts: readonly string[]): string[] {
  return texts.flatMap((text) => (text === "" ? [] : text.split("\n")));
}
