import type { Git } from "../git/git.ts";
import type { Repository } from "../git/repository.ts";
import { RESCUE_EMAIL, RESCUE_REF } from "./own-commits.ts";

/** What `protect` did. */
export interface Protection {
  readonly ref: string;
  /** Commits that it keeps from now on. */
  readonly added: readonly string[];
  /** Commits that it let go of: they are back, or another commit has their work. */
  readonly dropped: readonly string[];
  /** How many it keeps. */
  readonly tips: number;
}

/** What a scan says of what is, or is to be, behind the ref. */
export interface ProtectionFacts {
  /** Commits to keep; nothing below one of them need be named. */
  readonly wanted: readonly string[];
  /** Staged content to keep. */
  readonly blobs: readonly string[];
  /** Whether a commit that was kept before is still worth it. */
  readonly stillLost: (sha: string) => boolean;
}

/** The ref is one commit with so many parents at most: who loses more than this has other worries. */
const MOST_TIPS = 2000;
/** How often it is tried again where another process has moved the ref meanwhile. */
const ATTEMPTS = 5;

/** What stands behind the ref from now on: what is lost now first, then what was kept before and still is. Pure. */
export function planProtection(
  before: readonly string[],
  { wanted, stillLost }: Pick<ProtectionFacts, "wanted" | "stillLost">,
): Pick<Protection, "added" | "dropped"> & { readonly tips: readonly string[] } {
  const kept = before.filter((sha) => stillLost(sha));
  const tips = [...new Set([...wanted, ...kept])].slice(0, MOST_TIPS);
  const [had, has] = [new Set(before), new Set(tips)];
  return { tips, added: tips.filter((sha) => !had.has(sha)), dropped: before.filter((sha) => !has.has(sha)) };
}

/**
 * Keeps commits from `git gc` behind one ref: a commit whose parents they are, made anew each time, and whose tree holds
 * staged content. They stay lost in every other way. The ref goes when there is nothing to keep.
 * @param now goes into the new commit @throws BulkheadError `GIT_FAILED`
 */
export async function protect({ git }: Repository, facts: ProtectionFacts, now: Date): Promise<Protection> {
  for (let attempt = 1; ; attempt++) {
    const read = await git.run(["rev-parse", "--verify", "--quiet", `${RESCUE_REF}^{commit}`], { allow: [1] });
    const old = read.stdout.trim();
    const { tips, added, dropped } = planProtection(old === "" ? [] : await listKept(git, old), facts);
    const result = { ref: RESCUE_REF, added, dropped, tips: tips.length };
    const blobs = facts.blobs.slice(0, MOST_TIPS);
    if (added.length === 0 && dropped.length === 0 && blobs.length === 0) return result;
    const commit = tips.length + blobs.length === 0 ? null : await writeKeeper(git, tips, blobs, now);
    if (await move(git, old, commit, attempt < ATTEMPTS)) return result;
  }
}

async function writeKeeper(git: Git, tips: readonly string[], blobs: readonly string[], now: Date): Promise<string> {
  const entries = [...blobs].sort().map((sha) => `100644 blob ${sha}\t${sha}\n`);
  const tree = await git.text(["mktree"], { input: entries.join(""), mode: "write" });
  const signature = `Bulkhead <${RESCUE_EMAIL}> ${Math.floor(now.getTime() / 1000)} +0000`;
  const lines = [`tree ${tree}`, ...tips.map((tip) => `parent ${tip}`)];
  const content = [...lines, `author ${signature}`, `committer ${signature}`, "", "Keep lost commits from git gc", ""];
  const write = ["hash-object", "-t", "commit", "-w", "--stdin"];
  return git.text(write, { input: content.join("\n"), mode: "write" });
}

/** The old value is given: a second run at the same moment is refused instead of letting go of what the first added. */
async function move(git: Git, old: string, commit: string | null, mayFail: boolean): Promise<boolean> {
  const expected = old === "" ? "0".repeat((commit ?? old).length) : old;
  const act = commit === null ? ["-d", RESCUE_REF, old] : [RESCUE_REF, commit, expected];
  // No log: it would keep what the ref lets go of.
  const args = ["-c", "core.logAllRefUpdates=false", "update-ref", "-m", "bulkhead recover --protect", ...act];
  const { exitCode } = await git.run(args, { mode: "write", retryLocked: true, allow: mayFail ? [1, 128] : [] });
  return exitCode === 0;
}

/** Every commit behind the ref; earlier versions put each new commit on top of the one before. */
async function listKept(git: Git, rescue: string): Promise<string[]> {
  const own = await git.text(["rev-list", "--first-parent", "--parents", `--author=<${RESCUE_EMAIL}>`, rescue]);
  const lines = own.split("\n").map((line) => line.split(" "));
  const keepers = new Set(lines.map(([sha]) => sha));
  return [...new Set(lines.flatMap(([, ...parents]) => parents))].filter((sha) => !keepers.has(sha));
}
