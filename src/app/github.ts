import { resolveSshHost } from "../git/ssh-host.ts";
import type { GitHub } from "../github/github.ts";
import type { RemoteRepository } from "../github/remote-url.ts";
import { findToken } from "../github/token.ts";
import { type BasePlace, basePlaces } from "../ship/base-place.ts";
import { readWiring, type Wiring } from "../ship/wiring.ts";
import type { Clone } from "./clone.ts";

/** Milliseconds that git's credential helpers may take. */
const CREDENTIAL_TIMEOUT_MS = 5_000;

/**
 * GitHub, for one of this clone's repositories, with a token for it. Sends nothing yet; Octokit is loaded only here.
 * @param remote the remote that leads there, for messages
 * @throws BulkheadError `GITHUB_NO_TOKEN`, `GITHUB_INSECURE`
 */
export async function connectGitHub(clone: Clone, repository: RemoteRepository, remote: string): Promise<GitHub> {
  const { env } = clone;
  const find = () => findToken(repository, { env, remote, credentialFill: (query) => fillCredential(clone, query) });
  const { connectGitHub: connect } = await import("../github/connect.ts");
  return connect(repository, {
    token: await find(),
    renew: find,
    env,
    userAgent: "bulkhead",
    onWait: (seconds) => clone.note(`GitHub's rate limit is reached: going on in ${seconds} s.`),
  });
}

/** What git's configuration says of remotes and branches, and of the hosts behind the names that ssh knows. */
export async function wiringOf({ env, config }: Clone): Promise<Wiring> {
  const values = await config();
  const command = env.GIT_SSH_COMMAND || values.findLast(({ key }) => key === "core.sshcommand")?.value || null;
  return readWiring(values, env.GITHUB_API_URL, (host) => resolveSshHost(host, env, command));
}

/** The remote that settings name; null where they leave it to git's configuration. */
export async function chosenRemote(clone: Clone): Promise<string | null> {
  const { remote } = await clone.settings();
  return remote.source.kind === "default" ? null : remote.value;
}

/** The repository that work is merged into. @throws BulkheadError `NO_REMOTE`, `NOT_A_GITHUB_REMOTE` */
export async function basePlaceOf(clone: Clone): Promise<BasePlace> {
  const [first] = basePlaces(await wiringOf(clone), await chosenRemote(clone));
  return first;
}

/** Asks git's credential helpers only: nobody is asked at a terminal or in a window. */
async function fillCredential({ repository }: Clone, query: string): Promise<string | null> {
  const answer = await repository.git.run(
    ["-c", "credential.interactive=false", "-c", "core.askPass=", "credential", "fill"],
    { input: query, allow: [1, 128], timeout: CREDENTIAL_TIMEOUT_MS, env: { GIT_ASKPASS: "", SSH_ASKPASS: "" } },
  );
  return answer.exitCode === 0 ? answer.stdout : null;
}
