import { execFile } from "node:child_process";
import { BulkheadError } from "../domain/error.ts";
import { isLoopback } from "./loopback.ts";
import type { RemoteRepository } from "./remote-url.ts";

/** How long, in milliseconds, a program may take that is asked for a token. */
const TOKEN_TIMEOUT_MS = 5_000;

/** Asks git's credential helpers: gets the query's text, returns git's answer, or null when git has none. */
export type CredentialFill = (query: string) => Promise<string | null>;

export interface TokenSources {
  readonly env: NodeJS.ProcessEnv;
  readonly credentialFill: CredentialFill;
  /** The remote that leads to the repository, for messages. */
  readonly remote?: string;
}

/**
 * Finds the token for a repository's host: `GITHUB_TOKEN`, `GH_TOKEN`, else `gh auth token`, else git's credential helpers. For a
 * host other than github.com, the variables that `gh` reserves for Enterprise servers come first, and the common ones count only
 * where they are meant for it.
 * @throws BulkheadError `GITHUB_NO_TOKEN`
 */
export async function findToken(repository: RemoteRepository, sources: TokenSources): Promise<string> {
  const { env, credentialFill, remote } = sources;
  const { host, apiBaseUrl } = repository;
  const enterprise = host === "github.com" ? [] : ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
  const common = isMeantFor(repository, env) ? ["GITHUB_TOKEN", "GH_TOKEN"] : [];
  const variables = [...enterprise, ...common];
  for (const name of variables) {
    const value = env[name]?.trim();
    if (value) return value;
  }
  const token = (await askGh(host, env)) ?? (await askGit(new URL(apiBaseUrl).protocol, host, credentialFill));
  if (token === null) throw new BulkheadError("GITHUB_NO_TOKEN", { host, remote: remote ?? null, variables });
  return token;
}

/**
 * Whether the variables that everybody sets for github.com are meant for this host, too: a remote may name any server,
 * and must not get a token that is not for it. GitHub Actions sets `GITHUB_API_URL` beside the token, `gh` knows `GH_HOST`.
 */
function isMeantFor({ host, apiBaseUrl }: RemoteRepository, env: NodeJS.ProcessEnv): boolean {
  const ofGitHub = host === "github.com" || host.endsWith(".ghe.com");
  return (
    ofGitHub || env.GH_HOST === host || (env.GITHUB_API_URL ?? "") !== "" || isLoopback(new URL(apiBaseUrl).hostname)
  );
}

/** A `gh` that is missing, logged out or slow is no answer, and no error either: git may still know. */
function askGh(host: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { env: { ...env, GH_PROMPT_DISABLED: "1" }, timeout: TOKEN_TIMEOUT_MS };
    execFile("gh", ["auth", "token", "--hostname", host], options, (error, stdout) => {
      resolve(error === null && stdout.trim() !== "" ? stdout.trim() : null);
    });
  });
}

async function askGit(protocol: string, host: string, credentialFill: CredentialFill): Promise<string | null> {
  const answer = await credentialFill(`protocol=${protocol.slice(0, -1)}\nhost=${host}\n\n`);
  const password = answer?.split(/\r?\n/).find((line) => line.startsWith("password="));
  return password?.slice("password=".length) || null;
}
