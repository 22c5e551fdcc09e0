import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildASTSchema, type GraphQLSchema, graphql, parse } from "graphql";
import type { CheckState, DoubleRepository, PullState } from "./double-repository.ts";
import type { Addresses } from "./responses.ts";
import type { Account, RestAnswer } from "./routes.ts";

/** One GraphQL request: https://docs.github.com/graphql/guides/forming-calls-with-graphql */
export interface GraphqlRequest {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
}

export interface GraphqlContext {
  readonly at: Addresses;
  readonly account: Account | null;
  readonly find: (fullName: string) => DoubleRepository | undefined;
}

let schema: GraphQLSchema | null = null;

/** GitHub's public schema: whatever it does not know is refused as the service would refuse it. */
function publicSchema(): GraphQLSchema {
  // The package exports it for no importer: it is read where it lies.
  const path = fileURLToPath(new URL("../../../node_modules/@octokit/graphql-schema/schema.graphql", import.meta.url));
  schema ??= buildASTSchema(parse(readFileSync(path, "utf8"), { noLocation: true }), {
    assumeValid: true,
    assumeValidSDL: true,
  });
  return schema;
}

/** What a request does, by the name of its operation: `query find`, `mutation revert`. */
export function operationOf({ query }: GraphqlRequest): { kind: "query" | "mutation"; name: string } {
  const [, kind = "query", name = ""] = /^\s*(query|mutation)\s+(\w+)/.exec(query) ?? [];
  return { kind: kind as "query" | "mutation", name };
}

/** A fault as GitHub words it: with a type, which GraphQL itself does not have. */
class GraphqlFault extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

export async function answerGraphql(request: GraphqlRequest, context: GraphqlContext): Promise<RestAnswer> {
  const { data, errors } = await graphql({
    schema: publicSchema(),
    source: request.query,
    variableValues: request.variables ?? {},
    rootValue: { ...queries(context), ...mutations(context) },
  });
  if (errors === undefined) return { status: 200, body: { data } };
  const told = errors.map(({ message, path, originalError }) => ({
    message,
    path,
    ...(originalError instanceof GraphqlFault ? { type: originalError.type } : {}),
  }));
  return { status: 200, body: { data: data ?? null, errors: told } };
}

function queries(context: GraphqlContext) {
  return {
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repository = context.find(`${owner}/${name}`);
      if (repository === undefined || (repository.settings.private && context.account === null)) {
        throw new GraphqlFault("NOT_FOUND", `Could not resolve to a Repository with the name '${owner}/${name}'.`);
      }
      return repositoryNode(repository, context);
    },
  };
}

type States = readonly string[] | null | undefined;

function repositoryNode(repository: DoubleRepository, context: GraphqlContext): object {
  const { settings } = repository;
  const nodes = async (wanted: (pull: PullState) => boolean, states: States, first: number) => {
    const found: PullState[] = [];
    for (const pull of [...repository.pulls.values()].reverse()) {
      await repository.refresh(pull);
      if (wanted(pull) && (states?.includes(stateOf(pull)) ?? true)) found.push(pull);
    }
    return { nodes: found.slice(0, first).map((pull) => pullNode(repository, pull, context)) };
  };
  return {
    __typename: "Repository",
    nameWithOwner: repository.fullName,
    mergeCommitAllowed: settings.allowMerge,
    squashMergeAllowed: settings.allowSquash,
    rebaseMergeAllowed: settings.allowRebase,
    deleteBranchOnMerge: settings.deleteBranchOnMerge,
    autoMergeAllowed: settings.allowAutoMerge,
    viewerPermission: context.account?.access === "write" ? "WRITE" : "READ",
    isFork: repository.forkOf !== null,
    parent: repository.forkOf === null ? null : { nameWithOwner: repository.forkOf.fullName },
    defaultBranchRef: { name: settings.defaultBranch },
    pullRequest: async ({ number }: { number: number }) => {
      const pull = repository.pulls.get(number);
      if (pull === undefined) {
        throw new GraphqlFault("NOT_FOUND", `Could not resolve to a PullRequest with the number of ${number}.`);
      }
      await repository.refresh(pull);
      return pullNode(repository, pull, context);
    },
    pullRequests: (asked: { headRefName?: string; baseRefName?: string; states?: States; first: number }) =>
      nodes(
        (pull) =>
          (asked.headRefName ?? pull.headRef) === pull.headRef && (asked.baseRefName ?? pull.baseRef) === pull.baseRef,
        asked.states,
        asked.first,
      ),
    ref: async ({ qualifiedName }: { qualifiedName: string }) => refNode(repository, qualifiedName),
    object: ({ oid }: { oid: string }) => ({
      __typename: "Commit",
      oid,
      associatedPullRequests: ({ first }: { first: number }) => nodes((pull) => pull.headSha === oid, null, first),
    }),
  };
}

function stateOf(pull: PullState): string {
  return pull.merged !== null ? "MERGED" : pull.state.toUpperCase();
}

async function refNode(repository: DoubleRepository, qualifiedName: string): Promise<object | null> {
  const oid = await repository.bare.commitOf(qualifiedName);
  if (oid === null) return null;
  const demands = repository.demands.get(qualifiedName.replace(/^refs\/heads\//, ""));
  const classic = demands?.via === "classic";
  return {
    target: { __typename: "Commit", oid },
    refUpdateRule: classic
      ? {
          requiredStatusCheckContexts: [...(demands.requiredChecks ?? [])],
          requiredApprovingReviewCount: demands.requiredApprovals ?? null,
          requiresLinearHistory: demands.linearHistory ?? false,
          requiresSignatures: demands.signatures ?? false,
        }
      : null,
    rules: () => ({ nodes: demands === undefined || classic ? [] : rulesOf(demands) }),
  };
}

function rulesOf(demands: NonNullable<ReturnType<DoubleRepository["demands"]["get"]>>): object[] {
  const rule = (type: string, parameters: object | null = null) => ({ type, parameters });
  return [
    ...(demands.requiredChecks === undefined
      ? []
      : [
          rule("REQUIRED_STATUS_CHECKS", {
            __typename: "RequiredStatusChecksParameters",
            requiredStatusChecks: demands.requiredChecks.map((context) => ({ context })),
            strictRequiredStatusChecksPolicy: demands.strict ?? false,
          }),
        ]),
    ...(demands.requiredApprovals === undefined && demands.allowedMethods === undefined
      ? []
      : [
          rule("PULL_REQUEST", {
            __typename: "PullRequestParameters",
            requiredApprovingReviewCount: demands.requiredApprovals ?? 0,
            allowedMergeMethods: demands.allowedMethods?.map((method) => method.toUpperCase()) ?? null,
          }),
        ]),
    ...(demands.mergeQueue ? [rule("MERGE_QUEUE")] : []),
    ...(demands.linearHistory ? [rule("REQUIRED_LINEAR_HISTORY")] : []),
    ...(demands.signatures ? [rule("REQUIRED_SIGNATURES")] : []),
    ...(demands.noDeletion ? [rule("DELETION")] : []),
  ];
}

function pullNode(repository: DoubleRepository, pull: PullState, context: GraphqlContext): object {
  const merging = once(async () => {
    if (pull.state === "closed") return { mergeable: "UNKNOWN", state: "UNKNOWN" };
    if (pull.mergeableUnknownReads > 0) {
      pull.mergeableUnknownReads--;
      return { mergeable: "UNKNOWN", state: "UNKNOWN" };
    }
    const { state } = await repository.mergeability(pull);
    return { mergeable: state === "dirty" ? "CONFLICTING" : "MERGEABLE", state: state.toUpperCase() };
  });
  const tip = async (of: DoubleRepository, ref: string) => {
    const oid = await of.bare.commitOf(`refs/heads/${ref}`);
    return oid === null ? null : { target: { __typename: "Commit", oid } };
  };
  return {
    id: repository.nodeId(pull),
    number: pull.number,
    url: `${context.at.html}/${repository.fullName}/pull/${pull.number}`,
    title: pull.title,
    state: stateOf(pull),
    isDraft: pull.draft,
    merged: pull.merged !== null,
    mergeCommit: pull.merged === null ? null : { oid: pull.merged.sha },
    headRefName: pull.headRef,
    headRefOid: pull.headSha,
    headRef: () => tip(pull.headRepository, pull.headRef),
    headRepository: { nameWithOwner: pull.headRepository.fullName },
    isCrossRepository: pull.headRepository !== repository,
    baseRefName: pull.baseRef,
    baseRef: () => tip(repository, pull.baseRef),
    mergeable: async () => (await merging()).mergeable,
    mergeStateStatus: async () => (await merging()).state,
    isInMergeQueue: pull.queued !== null,
    mergeQueueEntry: async () => repository.readQueue(pull),
    autoMergeRequest: pull.autoMerge === null ? null : { enabledAt: "2026-01-01T00:00:00Z" },
    commits: () => ({
      nodes: [{ commit: { oid: pull.headSha, statusCheckRollup: rollup(repository, pull.headSha) } }],
    }),
  };
}

function rollup(repository: DoubleRepository, sha: string): object | null {
  const checks = repository.checks.get(sha) ?? [];
  if (checks.length === 0) return null;
  return {
    contexts: ({ first, after }: { first: number; after?: string | null }) => {
      const start = Number(after ?? 0);
      const page = checks.slice(start, start + first);
      const nodes = page.map((check, index) => contextNode(check, start + index));
      for (const check of page) check.pendingReads = Math.max(0, check.pendingReads - 1);
      const hasNextPage = checks.length > start + first;
      return { nodes, pageInfo: { hasNextPage, endCursor: String(start + first) } };
    },
  };
}

function contextNode(check: CheckState, index: number): object {
  const running = check.pendingReads > 0;
  const at = check.startedAt ?? "2026-01-01T00:00:00Z";
  if (check.kind === "status") {
    const state = running ? "PENDING" : check.conclusion === "success" ? "SUCCESS" : "FAILURE";
    return { __typename: "StatusContext", context: check.name, state, createdAt: at };
  }
  return {
    __typename: "CheckRun",
    databaseId: index + 1,
    name: check.name,
    status: running ? "IN_PROGRESS" : "COMPLETED",
    conclusion: running ? null : check.conclusion.toUpperCase(),
    startedAt: at,
    checkSuite: { app: { slug: check.app ?? "ci" } },
  };
}

interface Input {
  readonly input: {
    readonly pullRequestId: string;
    readonly expectedHeadOid?: string | null;
    readonly mergeMethod?: string;
  };
}

/** https://docs.github.com/graphql/reference/mutations */
function mutations(context: GraphqlContext) {
  const pullOf = async ({ input }: Input) => {
    const found = context.find(input.pullRequestId.replace(/^PR_(.*)\/pulls\/\d+$/, "$1"));
    const pull = found?.pulls.get(Number(input.pullRequestId.replace(/^.*\//, "")));
    if (found === undefined || pull === undefined) {
      throw new GraphqlFault("NOT_FOUND", "Could not resolve to a node with that global id.");
    }
    if (context.account?.access !== "write") throw new GraphqlFault("FORBIDDEN", "Resource not accessible by token");
    await found.refresh(pull);
    if (input.expectedHeadOid && input.expectedHeadOid !== pull.headSha) {
      throw new GraphqlFault("UNPROCESSABLE", "Head sha didn't match expected head sha.");
    }
    return { repository: found, pull };
  };
  return {
    enqueuePullRequest: async (request: Input) => {
      const { repository, pull } = await pullOf(request);
      if (!repository.demands.get(pull.baseRef)?.mergeQueue) {
        throw new GraphqlFault("UNPROCESSABLE", "Pull request is not mergeable through a queue");
      }
      repository.enqueue(pull, context.account?.login ?? "nobody");
      return { mergeQueueEntry: await repository.readQueue(pull) };
    },
    enablePullRequestAutoMerge: async (request: Input) => {
      const { repository, pull } = await pullOf(request);
      if (!repository.settings.allowAutoMerge) {
        throw new GraphqlFault("UNPROCESSABLE", "Auto merge is not allowed for this repository");
      }
      const { state } = await repository.mergeability(pull);
      if (state === "clean") throw new GraphqlFault("UNPROCESSABLE", "Pull request Pull request is in clean status");
      const method = (request.input.mergeMethod ?? "MERGE").toLowerCase() as "merge" | "squash" | "rebase";
      pull.autoMerge = { method, by: context.account?.login ?? "nobody" };
      return { pullRequest: pullNode(repository, pull, context) };
    },
    revertPullRequest: async (request: Input) => {
      const { repository, pull } = await pullOf(request);
      if (pull.merged === null) throw new GraphqlFault("UNPROCESSABLE", "Pull request is not merged");
      const revert = await repository.openRevert(pull, context.account?.login ?? "nobody");
      return { revertPullRequest: pullNode(repository, revert, context) };
    },
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | null = null;
  return () => {
    found ??= read();
    return found;
  };
}
