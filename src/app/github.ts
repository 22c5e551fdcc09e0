import { BulkheadError } from "../domain/error.ts";
import { readRemoteUrl } from "../git/remotes.ts";
import type { GitHub } from "../github/github.ts";
import { parseRemoteUrl } from "../github/remote-url.ts";
import { findToken } from "../github/token.ts";
import type { Clone } from "./clone.ts";

/** Milliseconds that git's credential helpers may take. */
const CREDENTIAL_TIMEOUT_MS = 5_000;

/**
 * GitHub, as this clone's remote names it, with a token for it. Sends nothing yet; Octokit is loaded only here.
 * @param note told when it has to wait
 * @throws BulkheadError `NO_REMOTE`, `NOT_A_GITHUB_REMOTE`, `GITHUB_NO_TOKEN`
 */
export async function connectGitHub(clone: Clone, note: (line: string) => void): Promise<GitHub> {
  const { git } = clone.repository;
  const { env } = clone;
  const remote = (await clone.settings()).remote.value;
  const url = await readRemoteUrl(git, remote);
  const repository = parseRemoteUrl(url, env.GITHUB_API_URL);
  if (repository === null) throw new BulkheadError("NOT_A_GITHUB_REMOTE", { remote, url });
  const token = await findToken(repository, { env, credentialFill: (query) => fillCredential(clone, query) });
  const { connectGitHub: connect } = await import("../github/connect.ts");
  return connect(repository, {
    token,
    userAgent: "bulkhead",
    onWait: (seconds) => note(`GitHub's rate limit is reached: going on in ${seconds} s.`),
  });
}

/** Asks git's credential helpers only: nobody is asked at a terminal or in a window. */
async function fillCredential({ repository }: Clone, query: string): Promise<string | null> {
  const answer = await repository.git.run(
    ["-c", "credential.interactive=false", "-c", "core.askPass=", "credential", "fill"],
    { input: query, allow: [1, 128], timeout: CREDENTIAL_TIMEOUT_MS, env: { GIT_ASKPASS: "", SSH_ASKPASS: "" } },
  );
  return answer.exitCode === 0 ? answer.stdout : null;
}
