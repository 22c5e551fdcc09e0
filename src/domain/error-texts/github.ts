import { type ErrorText, entry, many, text } from "./entry.ts";

/** Texts of what GitHub said. */
export const GITHUB_TEXTS = {
  NOT_A_GITHUB_REMOTE: entry<{ remote: string; url: string }>(
    3,
    (d) => `The remote '${text(d.remote)}' (${text(d.url)}) names no repository on a GitHub server.`,
    (d) => `Correct it: git remote set-url ${text(d.remote)} https://github.com/<owner>/<name>.git`,
  ),
  GITHUB_ODD_BRANCH: entry<{ pull: number; name: string }>(
    1,
    (d) =>
      `Pull request #${text(d.pull)} has a branch named '${text(d.name)}', which git takes for no branch name. Nothing was changed.`,
    () => "Rename the branch on GitHub, or merge this pull request there.",
  ),
  GITHUB_NO_TOKEN: entry<{ host: string; remote: string | null; variables: readonly string[] }>(
    3,
    (d) =>
      `There is no GitHub token for ${text(d.host)}${d.remote ? `, to which the remote '${text(d.remote)}' leads` : ""}. Nothing was changed.`,
    // Only a variable that would be read for this host.
    (d) => {
      const [variable] = many(d.variables);
      return `${variable ? `Set ${text(variable)}, or log in` : "Log in"}: gh auth login --hostname ${text(d.host)}`;
    },
  ),
  GITHUB_BAD_TOKEN: entry<{ host: string; reason: string }>(
    3,
    (d) => `${text(d.host)} does not accept the token: ${text(d.reason)}.`,
    (d) => `Give a valid one in GITHUB_TOKEN, or log in again: gh auth login --hostname ${text(d.host)}`,
  ),
  GITHUB_FORBIDDEN: entry<{ host: string; subject: string; reason: string }>(
    3,
    (d) => `${text(d.host)} does not let this token act on ${text(d.subject)}: ${text(d.reason)}.`,
    () => "Use a token with write access to contents and pull requests of this repository.",
  ),
  GITHUB_RATE_LIMITED: entry<{ host: string; reason: string; retryAfterSeconds: number }>(
    3,
    (d) => `${text(d.host)} takes no more requests for now: ${text(d.reason)}`,
    (d) => `Run the command again in ${text(d.retryAfterSeconds)} seconds.`,
  ),
  GITHUB_UNREACHABLE: entry<{ host: string; reason: string }>(
    3,
    (d) => `${text(d.host)} cannot be reached: ${text(d.reason)}.`,
    () => "Check the network and the remote's address, then run the command again.",
  ),
  GITHUB_NOT_FOUND: entry<{ host: string; subject: string }>(
    3,
    (d) => `${text(d.host)} has no ${text(d.subject)}, or this token may not see it.`,
    () => "Check the number and the remote, and that the token has access to this repository.",
  ),
  GITHUB_FAILED: entry<{ host: string; subject: string; reason: string }>(
    3,
    (d) => `${text(d.host)} failed on ${text(d.subject)}: ${text(d.reason)}`,
    () => "Run the command again; it goes on from what GitHub says is done.",
  ),
  GITHUB_INSECURE: entry<{ api: string }>(
    3,
    (d) => `A token is not sent to ${text(d.api)}: the connection is not encrypted.`,
    () => "Use an https or ssh address for the remote, or set GITHUB_API_URL to an https address.",
  ),
} as const satisfies Record<string, ErrorText>;
