import type { Octokit } from "@octokit/rest";
import { BulkheadError } from "../domain/error.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import { type AsyncMerge, type AsyncStart, asyncMergeOf, startAnswerOf } from "./async-merge.ts";
import { GraphqlUnusable, githubError, graphqlErrorOf, isRequestError } from "./errors.ts";
import { detailsByGraphql, findByGraphql, graphqlQuery, type Query } from "./graphql-lookup.ts";
import type { FoundPulls, PullDetails, PullQuery } from "./lookup.ts";
import { type MergeAnswer, mergeAnswerOf } from "./merge-answer.ts";
import { type MergeMethod, type PullRequest, parsePullRequest } from "./pull-request.ts";
import type { RemoteRepository } from "./remote-url.ts";
import { detailsByRest, findByRest } from "./rest-lookup.ts";

export interface MergeOptions {
  /** The merge happens only while the head is this commit. */
  readonly sha: CommitSha;
  readonly method: MergeMethod;
}

export interface NewPullRequest {
  /** A branch of this repository, or `owner:branch` of a fork. */
  readonly head: string;
  readonly base: BranchName;
  readonly title: string;
  readonly body?: string;
  readonly draft?: boolean;
}

/** A pull request of a stack that GitHub itself knows, bottom first. */
export interface StackEntry {
  readonly number: number;
  readonly open: boolean;
}

/**
 * One repository on a GitHub server. Look-ups go through GraphQL, and through REST where a server's GraphQL cannot answer
 * them. Every method throws, besides what it says, `GITHUB_BAD_TOKEN`, `GITHUB_FORBIDDEN`, `GITHUB_RATE_LIMITED`,
 * `GITHUB_UNREACHABLE`, `GITHUB_NOT_FOUND`, `GITHUB_FAILED`.
 */
export interface GitHub {
  readonly repository: RemoteRepository;
  /** One request. @throws BulkheadError `GITHUB_NOT_FOUND`, `GITHUB_ODD_BRANCH` for the one asked for by number */
  find(query: PullQuery): Promise<FoundPulls>;
  /** One request by GraphQL. @param pull as `find` gave it */
  details(pull: PullRequest): Promise<PullDetails>;
  /** The pull request alone, by the interface that knows a merge first. */
  pullRequest(number: number): Promise<PullRequest>;
  /** Asks once for the merge; never repeated here, and never throws on a merge that may have happened. */
  merge(number: number, options: MergeOptions): Promise<MergeAnswer>;
  /** Asks for a merge in the background, which is the only way to merge a stack; null where the server has no such thing. */
  startMerge(number: number, options: MergeOptions): Promise<AsyncStart | null>;
  /** Where a merge in the background stands. */
  asyncMerge(number: number, uuid: string): Promise<AsyncMerge>;
  /** The stack that a pull request belongs to, bottom first; empty when it belongs to none. */
  stack(number: number): Promise<readonly StackEntry[]>;
  createPullRequest(request: NewPullRequest): Promise<PullRequest>;
  changeBase(number: number, base: BranchName): Promise<void>;
  /** Puts a pull request into its base's merge queue, pinned to its head. */
  enqueue(pull: PullRequest): Promise<void>;
  /** Lets GitHub merge it once it is ready, pinned to its head. @returns false when it is ready now, which GitHub refuses */
  arm(pull: PullRequest, method: MergeMethod): Promise<boolean>;
  /** Opens a pull request that takes back what another merged. */
  revert(pull: PullRequest): Promise<{ readonly number: number; readonly url: string }>;
}

/** @param secret holds the token of now, which is kept out of every error */
export function createGitHub(
  octokit: Octokit,
  repository: RemoteRepository,
  secret: { readonly token: string },
): GitHub {
  const { owner, name, host } = repository;
  const at = { owner, repo: name };
  const full = `${owner}/${name}`;
  const named = (number: number) => `pull request #${number} of ${full}`;
  const ask = async <T>(subject: string, request: () => Promise<T>): Promise<T> => {
    try {
      return await request();
    } catch (thrown) {
      throw githubError(thrown, { host, subject, token: secret.token });
    }
  };
  /** Set once GraphQL has turned out to be of no use here. */
  let restOnly = false;
  const either = async <T>(subject: string, byGraphql: (query: Query) => Promise<T>, byRest: () => Promise<T>) => {
    if (!restOnly) {
      const query = graphqlQuery(octokit, (thrown) => graphqlErrorOf(thrown, { host, subject, token: secret.token }));
      try {
        return await byGraphql(query);
      } catch (thrown) {
        if (!(thrown instanceof GraphqlUnusable)) throw githubError(thrown, { host, subject, token: secret.token });
        restOnly = true;
      }
    }
    return ask(subject, byRest);
  };
  const mutate = <T>(subject: string, text: string, variables: Record<string, unknown>) =>
    ask(subject, () => octokit.graphql<T>(text, variables));
  return {
    repository,
    find: async (query) => {
      const subject = query.number === null ? full : named(query.number);
      const found = await either(
        subject,
        (send) => findByGraphql(send, repository, query),
        () => findByRest(octokit, repository, query),
      );
      if (query.number !== null && found.numbered === null) throw notFound(host, subject);
      return found;
    },
    details: async (pull) => {
      const found = await either<PullDetails | null>(
        named(pull.number),
        (send) => detailsByGraphql(send, repository, pull),
        () => detailsByRest(octokit, repository, pull),
      );
      if (found === null) throw notFound(host, named(pull.number));
      return found;
    },
    pullRequest: (number) =>
      ask(named(number), async () =>
        parsePullRequest((await octokit.rest.pulls.get({ ...at, pull_number: number })).data),
      ),
    merge: async (number, { sha, method }) => {
      try {
        const { data } = await octokit.rest.pulls.merge({ ...at, pull_number: number, sha, merge_method: method });
        return mergeAnswerOf(data);
      } catch (thrown) {
        return mergeAnswerOf(thrown, { host, subject: named(number), token: secret.token });
      }
    },
    startMerge: async (number, { sha, method }) => {
      // Not in the client's own list of requests yet: https://docs.github.com/rest/pulls/pulls#merge-a-pull-request-asynchronously
      const route = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge-async";
      const body = { sha, merge_method: method, merge_action: "direct_merge" };
      try {
        const { data } = await octokit.request(route, { ...at, pull_number: number, ...body });
        return startAnswerOf(data);
      } catch (thrown) {
        return startAnswerOf(null, thrown, { host, subject: named(number), token: secret.token });
      }
    },
    asyncMerge: (number, uuid) =>
      ask(named(number), async () => {
        const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/merge-async/{uuid}";
        return asyncMergeOf((await octokit.request(route, { ...at, pull_number: number, uuid })).data);
      }),
    stack: (number) =>
      ask(named(number), async () => {
        try {
          const { data } = await octokit.request("GET /repos/{owner}/{repo}/stacks", { ...at, pull_request: number });
          const [stack] = data as { pull_requests?: { number: number; state: string }[] }[];
          return (stack?.pull_requests ?? []).map((pull) => ({ number: pull.number, open: pull.state === "open" }));
        } catch (thrown) {
          if (isRequestError(thrown) && thrown.status === 404) return [];
          throw thrown;
        }
      }),
    createPullRequest: (request) =>
      ask(full, async () => parsePullRequest((await octokit.rest.pulls.create({ ...at, ...request })).data)),
    changeBase: async (number, base) => {
      await ask(named(number), () => octokit.rest.pulls.update({ ...at, pull_number: number, base }));
    },
    enqueue: async (pull) => {
      const text = `mutation enqueue($id: ID!, $sha: GitObjectID!) {
        enqueuePullRequest(input: { pullRequestId: $id, expectedHeadOid: $sha }) { mergeQueueEntry { state position } }
      }`;
      await mutate(named(pull.number), text, { id: pull.id, sha: pull.head.sha });
    },
    arm: async (pull, method) => {
      const text = `mutation arm($id: ID!, $sha: GitObjectID!, $how: PullRequestMergeMethod!) {
        enablePullRequestAutoMerge(input: { pullRequestId: $id, expectedHeadOid: $sha, mergeMethod: $how }) { pullRequest { number } }
      }`;
      try {
        // The client keeps the name `method` for itself.
        const variables = { id: pull.id, sha: pull.head.sha, how: method.toUpperCase() };
        await mutate(named(pull.number), text, variables);
        return true;
      } catch (thrown) {
        // GitHub has no other mark for it than its words.
        if (thrown instanceof BulkheadError && /clean status|has already been enabled/i.test(thrown.message)) {
          return /already been enabled/i.test(thrown.message);
        }
        throw thrown;
      }
    },
    revert: async (pull) => {
      const text = `mutation revert($id: ID!) {
        revertPullRequest(input: { pullRequestId: $id }) { revertPullRequest { number url } }
      }`;
      type Answer = { revertPullRequest: { revertPullRequest: { number: number; url: string } | null } | null };
      const answer = await mutate<Answer>(named(pull.number), text, { id: pull.id });
      const made = answer.revertPullRequest?.revertPullRequest ?? null;
      if (made === null) {
        const reason = "it opened no pull request for the revert";
        throw new BulkheadError("GITHUB_FAILED", { host, subject: named(pull.number), reason });
      }
      return made;
    },
  };
}

function notFound(host: string, subject: string): BulkheadError {
  return new BulkheadError("GITHUB_NOT_FOUND", { host, subject });
}
