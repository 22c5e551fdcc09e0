import { resolveSettings } from "../config/settings.ts";
import { BulkheadError } from "../domain/error.ts";
import { type BranchName, type CommitSha, parseBranchName } from "../domain/names.ts";
import { readConfig } from "../git/config-values.ts";
import { redactUrls } from "../git/git.ts";
import { readRemoteUrl } from "../git/remotes.ts";
import { openWorktree, type Repository } from "../git/repository.ts";
import type { GitHub } from "../github/github.ts";
import { parseRemoteUrl } from "../github/remote-url.ts";
import { findToken } from "../github/token.ts";
import type { ProcessProbe } from "./lock.ts";
import type { ClaimCheck } from "./observe.ts";

/** Milliseconds that git's credential helpers may take. */
const CREDENTIAL_TIMEOUT_MS = 5_000;

/** Everything that a ship works with. */
export interface ShipTools {
  readonly repository: Repository & { readonly topLevel: string };
  readonly env: NodeJS.ProcessEnv;
  readonly remote: string;
  readonly configuredBase: BranchName | null;
  readonly isProtected: (branch: BranchName) => boolean;
  /** Finds the token and connects; sends nothing yet. */
  readonly connect: () => Promise<GitHub>;
  readonly claim: ClaimCheck;
  readonly processes: ProcessProbe;
  readonly shipped: ShipParts["shipped"];
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  /** A line for people. */
  readonly note: (line: string) => void;
  /** A passing state, replaced by the next. */
  readonly progress: (line: string) => void;
}

/** What a ship takes from other parts of Bulkhead. */
export interface ShipParts {
  /** Whether a branch is one of those that are protected here. */
  readonly isProtected: (branch: BranchName, patterns: readonly string[]) => boolean;
  readonly claim: ClaimCheck;
  readonly processes: ProcessProbe;
  /** Told of a merge that this ship made, for the sessions' log. Its faults are its own to note. */
  readonly shipped: (merge: ShippedMerge) => Promise<void>;
}

export interface ShippedMerge {
  readonly worktree: string;
  readonly pull: number;
  readonly branch: BranchName;
  readonly base: BranchName;
  readonly sha: CommitSha | null;
}

/** Where a ship runs, and who listens. */
export interface ShipSurroundings {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly note?: (line: string) => void;
  readonly progress?: (line: string) => void;
}

/**
 * Opens a worktree for shipping, with the clone's settings. Needs no network.
 * @throws BulkheadError `NOT_A_REPOSITORY`, `BARE_REPOSITORY`, `INVALID_SETTING`, `INVALID_BRANCH_NAME`, `GIT_FAILED`
 */
export async function openShipTools(surroundings: ShipSurroundings, parts: ShipParts): Promise<ShipTools> {
  const { directory, env } = surroundings;
  const repository = await openWorktree(directory, env);
  const settings = resolveSettings({ env, gitConfig: await readConfig(repository.git) });
  const note = surroundings.note ?? (() => {});
  const remote = settings.remote.value;
  return {
    repository,
    env,
    remote,
    configuredBase: settings.base.value === "" ? null : parseBranchName(settings.base.value),
    isProtected: (branch) => parts.isProtected(branch, settings.protect.value),
    connect: () => connect(repository, remote, env, note),
    claim: parts.claim,
    processes: parts.processes,
    shipped: parts.shipped,
    now: () => new Date(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    note,
    progress: surroundings.progress ?? (() => {}),
  };
}

/**
 * Finds the remote's repository and a token for it. Sends nothing yet.
 * @throws BulkheadError `NO_REMOTE`, `NOT_A_GITHUB_REMOTE`, `GITHUB_NO_TOKEN`
 */
export async function connect(
  { git }: Pick<Repository, "git">,
  remote: string,
  env: NodeJS.ProcessEnv,
  note: (line: string) => void,
): Promise<GitHub> {
  const url = await readRemoteUrl(git, remote);
  const repository = parseRemoteUrl(url, env.GITHUB_API_URL);
  if (repository === null) throw new BulkheadError("NOT_A_GITHUB_REMOTE", { remote, url: redactUrls(url) });
  const token = await findToken(repository, {
    env,
    credentialFill: async (query) => {
      // Helpers only: nobody is asked at a terminal or in a window.
      const options = {
        input: query,
        allow: [1, 128],
        timeout: CREDENTIAL_TIMEOUT_MS,
        env: { GIT_ASKPASS: "", SSH_ASKPASS: "" },
      };
      const answer = await git.run(
        ["-c", "credential.interactive=false", "-c", "core.askPass=", "credential", "fill"],
        options,
      );
      return answer.exitCode === 0 ? answer.stdout : null;
    },
  });
  const { connectGitHub } = await import("../github/connect.ts");
  return connectGitHub(repository, {
    token,
    userAgent: "bulkhead",
    onWait: (seconds) => note(`GitHub's rate limit is reached: going on in ${seconds} s.`),
  });
}
