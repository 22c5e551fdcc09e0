import { BulkheadError } from "../domain/error.ts";
import { type BranchName, type CommitSha, isBranchName } from "../domain/names.ts";
import { branchRef, trackingRef } from "../domain/ref-names.ts";
import { findObjects } from "../git/objects.ts";
import { QUIET_FETCH } from "../git/remotes.ts";
import type { WorktreeTools } from "./surroundings.ts";

/** Milliseconds after which a remote that does not answer counts as out of reach. */
const FETCH_TIMEOUT_MS = 60_000;

/** Where new work starts. */
export interface Start {
  /** As people write it. */
  readonly name: string;
  readonly sha: CommitSha;
}

/** What became of asking the remote. */
export type Fetched = "fetched" | "offline" | "no_remote";

/**
 * Brings the base, and the branch itself where the remote has it, up to what the remote holds now. Moves no local branch.
 * A remote that cannot be reached is no failure, but said.
 */
export async function fetchStart(tools: WorktreeTools, base: BranchName | null, branch: BranchName): Promise<Fetched> {
  if (!tools.hasRemote) return "no_remote";
  // A pattern that matches nothing is no error, where the name of a missing branch is one.
  const patterns = [...(base === null ? [] : [refspec(tools.remote, base)]), refspec(tools.remote, branch, "*")];
  tools.progress(`Fetching from ${tools.remote} …`);
  const all = await tryFetch(tools, patterns);
  // The branch's name may clash with what was fetched long ago; the base alone is enough.
  const fetched = all || (base !== null && (await tryFetch(tools, [refspec(tools.remote, base)])));
  tools.progress("");
  return fetched ? "fetched" : "offline";
}

async function tryFetch(tools: WorktreeTools, refspecs: readonly string[]): Promise<boolean> {
  const { git, remote } = tools;
  // Fetches that meet cannot lock a ref: the second time it is free, or has the value already.
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await git.run(["fetch", "--quiet", ...QUIET_FETCH, "--", remote, ...refspecs], {
        mode: "write",
        timeout: FETCH_TIMEOUT_MS,
        retryLocked: true,
      });
      return true;
    } catch (thrown) {
      if (!(thrown instanceof BulkheadError) || thrown.code !== "GIT_FAILED") throw thrown;
      if (!/cannot lock ref|Unable to create/.test(String(thrown.data.stderr))) return false;
    }
  }
  return false;
}

function refspec(remote: string, branch: BranchName, more = ""): string {
  return `+${branchRef(branch)}${more}:${trackingRef(remote, branch)}${more}`;
}

/** The branch of the remote that a `--base` may mean: with or without the remote's name. */
export function baseBranchOf(remote: string, asked: string): BranchName | null {
  const name = asked.startsWith(`${remote}/`) ? asked.slice(remote.length + 1) : asked;
  return isBranchName(name) ? name : null;
}

/**
 * The commit that a `--base` names: the remote's branch first, since a local one may be behind.
 * @throws BulkheadError `BASE_NOT_FOUND`
 */
export async function resolveBase(tools: WorktreeTools, asked: string): Promise<Start> {
  const branch = baseBranchOf(tools.remote, asked);
  const names = branch === null ? [] : [`${trackingRef(tools.remote, branch)}^{commit}`];
  const odd = asked.startsWith("-") || /\s/.test(asked);
  const found = odd ? [] : await findObjects(tools.here, [...names, `${asked}^{commit}`]);
  const commit = found.find(({ type }) => type === "commit");
  if (commit === undefined) throw new BulkheadError("BASE_NOT_FOUND", { base: asked });
  const remote = commit.name === names[0] && branch !== null;
  return { name: remote ? `${tools.remote}/${branch}` : asked, sha: commit.sha as CommitSha };
}
