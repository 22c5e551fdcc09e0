import { BulkheadError } from "../domain/error.ts";
import type { Commit } from "../domain/history.ts";
import { readConfig } from "../git/config-values.ts";
import type { Git } from "../git/git.ts";
import { findObjects } from "../git/objects.ts";
import { listRefs } from "../git/refs.ts";
import { listStashes } from "../git/stash.ts";
import { type HoldingRefs, sortRefs } from "./holding-refs.ts";
import { listNamed, listUnheld } from "./reachability.ts";
import { isStash } from "./stash-shape.ts";

/** What has to be known of a commit before it is brought back. */
export interface Resolved {
  readonly commit: Commit;
  /** What has it already, as people call it; none for a lost one. */
  readonly holders: readonly string[];
  readonly stash: boolean;
  /** What it stands on that is not lost: its own parent, or that of the lowest lost commit below. Null for nothing. */
  readonly base: string | null;
  /** How many lost commits come back with it. */
  readonly commits: number;
}

/**
 * Finds commits by their names, and who has them.
 * @param names commit hashes, full or abbreviated; the same one twice counts once
 * @throws BulkheadError `INVALID_COMMIT`, `AMBIGUOUS_COMMIT`, `NOT_A_COMMIT`, `COMMIT_NOT_FOUND`, `GIT_FAILED`
 */
export async function resolveCommits(git: Git, names: readonly string[]): Promise<Resolved[]> {
  const shas = await findCommits(git, names);
  const [holding, commits, stashes] = await Promise.all([readHolding(git), listNamed(git, shas), listStashes(git)]);
  const parts = await listNamed(git, [...new Set(commits.flatMap(({ parents }) => parents.slice(1)))]);
  const bySha = new Map([...commits, ...parts].map((commit) => [commit.sha, commit]));
  const live = new Set(stashes.map(({ sha }) => sha));
  return Promise.all(
    shas.map(async (sha): Promise<Resolved> => {
      const commit = bySha.get(sha);
      if (commit === undefined) throw new BulkheadError("COMMIT_NOT_FOUND", { name: sha });
      const stash = isStash(commit, bySha);
      const holders = await listHolders(git, sha, holding);
      if (live.has(sha) && !holders.includes("stash")) holders.push("stash");
      const lost = stash || holders.length > 0 ? [commit] : await listUnheld(git, sha, holding);
      return { commit, holders, stash, base: lost.at(-1)?.parents[0] ?? null, commits: lost.length };
    }),
  );
}

async function findCommits(git: Git, names: readonly string[]): Promise<string[]> {
  const prefixes = names.map((name) => name.toLowerCase());
  for (const name of names) {
    if (!/^[0-9a-f]{4,64}$/i.test(name)) throw new BulkheadError("INVALID_COMMIT", { name });
  }
  // Not by revision syntax: there a branch that looks like a hash would win.
  const listed = await git.text(["rev-parse", ...prefixes.map((prefix) => `--disambiguate=${prefix}`)]);
  const objects = await findObjects(git, [...new Set(listed.split("\n").filter((line) => line !== ""))]);
  const resolved = prefixes.map((prefix) => {
    const matches = objects.filter(({ sha, type }) => type !== null && sha.startsWith(prefix));
    const commits = matches.filter(({ type }) => type === "commit").map(({ sha }) => sha);
    const [only] = commits;
    if (commits.length > 1) throw new BulkheadError("AMBIGUOUS_COMMIT", { name: prefix, commits });
    if (only === undefined && matches[0] !== undefined) {
      throw new BulkheadError("NOT_A_COMMIT", { name: prefix, type: matches[0].type ?? "thing" });
    }
    if (only === undefined) throw new BulkheadError("COMMIT_NOT_FOUND", { name: prefix });
    return only;
  });
  return [...new Set(resolved)];
}

async function readHolding(git: Git): Promise<HoldingRefs> {
  const [refs, config] = await Promise.all([listRefs(git), readConfig(git)]);
  return sortRefs(refs, config);
}

/** Refs that reach the commit, of those that count as holding. */
async function listHolders(git: Git, sha: string, { namespaces }: HoldingRefs): Promise<string[]> {
  if (namespaces.length === 0) return [];
  const list = ["for-each-ref", `--contains=${sha}`, "--format=%(refname:short)"];
  const text = await git.text([...list, ...namespaces]);
  return text.split("\n").filter((line) => line !== "");
}
