import type { Octokit } from "@octokit/rest";
import { isBranchName, isCommitSha, parseBranchName, parseCommitSha } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import { addDemands, type BranchDemands, classicDemands, NO_DEMANDS, parseRules } from "./branch-demands.ts";
import { type CheckEntry, newestChecks, parseCheckRun, parseStatus } from "./checks.ts";
import type { FoundPulls, PullDetails, PullQuery, RepositoryFacts } from "./lookup.ts";
import type { MergeMethod, PullRequest } from "./pull-request.ts";
import { usableBranch } from "./pull-request.ts";

/** Everything that a merge needs to know, in two queries: https://docs.github.com/graphql */
const PULL = `fragment pull on PullRequest {
  id number url title state isDraft merged mergeCommit { oid }
  headRefName headRefOid headRef { target { oid } } headRepository { nameWithOwner } isCrossRepository
  baseRefName baseRef { target { oid } }
  mergeable mergeStateStatus isInMergeQueue mergeQueueEntry { state position } autoMergeRequest { enabledAt }
}`;

const RULES = `fragment rules on Ref {
  refUpdateRule { requiredStatusCheckContexts requiredApprovingReviewCount requiresLinearHistory requiresSignatures }
  rules(first: 100) { nodes { type parameters { __typename
    ... on PullRequestParameters { requiredApprovingReviewCount allowedMergeMethods }
    ... on RequiredStatusChecksParameters { requiredStatusChecks { context } }
  } } }
}`;

const CHECKS = `fragment checks on PullRequest {
  commits(last: 1) { nodes { commit { oid statusCheckRollup { contexts(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { __typename
      ... on CheckRun { databaseId name status conclusion startedAt checkSuite { app { slug } } }
      ... on StatusContext { context state createdAt }
    }
  } } } } }
}`;

interface RepositoryNode {
  nameWithOwner: string;
  mergeCommitAllowed: boolean;
  squashMergeAllowed: boolean;
  rebaseMergeAllowed: boolean;
  deleteBranchOnMerge: boolean;
  viewerPermission: string | null;
  parent: { nameWithOwner: string } | null;
  defaultBranchRef: { name: string } | null;
}

interface PullNode {
  id: string;
  number: number;
  url: string;
  title: string;
  state: string;
  isDraft: boolean;
  merged: boolean;
  mergeCommit: { oid: string } | null;
  headRefName: string;
  headRefOid: string;
  headRef: { target: { oid: string } | null } | null;
  headRepository: { nameWithOwner: string } | null;
  isCrossRepository: boolean;
  baseRefName: string;
  baseRef: { target: { oid: string } | null } | null;
  mergeable: string;
  mergeStateStatus: string;
  mergeQueueEntry: { state: string; position: number } | null;
  autoMergeRequest: object | null;
}

type Nodes<T> = { nodes: readonly (T | null)[] | null };
const list = <T>(nodes: Nodes<T> | null | undefined): T[] => (nodes?.nodes ?? []).filter((node) => node !== null);

export interface Place {
  readonly owner: string;
  readonly name: string;
}

/** Sends a query; the client turns what goes wrong into errors. */
export type Query = <T>(query: string, variables: Record<string, unknown>) => Promise<T>;

/** @param octokit whose GraphQL answers with what could be read, where only parts of a query were refused */
export function graphqlQuery(octokit: Octokit, tolerate: (thrown: unknown) => unknown): Query {
  return async <T>(query: string, variables: Record<string, unknown>) => {
    try {
      return (await octokit.graphql(query, variables)) as T;
    } catch (thrown) {
      return tolerate(thrown) as T;
    }
  };
}

/** Finds pull requests by head branch, number and commit, together with the repository's settings: one request. */
export async function findByGraphql(query: Query, at: Place, asked: PullQuery): Promise<FoundPulls> {
  const heads = asked.heads.map((_, index) => `$head${index}: String!`);
  const variables: Record<string, unknown> = { owner: at.owner, name: at.name };
  const parts: string[] = [];
  asked.heads.forEach((head, index) => {
    variables[`head${index}`] = head;
    parts.push(
      `head${index}: pullRequests(headRefName: $head${index}, first: 30, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { ...pull } }`,
    );
  });
  if (asked.number !== null) {
    heads.push("$number: Int!");
    variables.number = asked.number;
    parts.push("numbered: pullRequest(number: $number) { ...pull }");
  }
  if (asked.commit !== null) {
    heads.push("$commit: GitObjectID!");
    variables.commit = asked.commit;
    parts.push(
      "commit: object(oid: $commit) { ... on Commit { associatedPullRequests(first: 20) { nodes { ...pull } } } }",
    );
  }
  const text = `query find($owner: String!, $name: String!${heads.map((head) => `, ${head}`).join("")}) {
    repository(owner: $owner, name: $name) {
      nameWithOwner mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed deleteBranchOnMerge viewerPermission
      parent { nameWithOwner } defaultBranchRef { name }
      ${parts.join("\n      ")}
    }
  }
  ${parts.length > 0 ? PULL : ""}`;
  const { repository } = await query<{ repository: RepositoryNode & Record<string, unknown> }>(text, variables);
  const byHead = asked.heads.flatMap((_, index) => list(repository[`head${index}`] as Nodes<PullNode>));
  const ofCommit = repository.commit as { associatedPullRequests?: Nodes<PullNode> } | null | undefined;
  const numbered = repository.numbered as PullNode | null | undefined;
  return {
    repository: parseRepository(repository),
    pulls: byHead.filter(isUsable).map(parsePullNode),
    numbered: numbered ? parsePullNode(numbered) : null,
    ofCommit: list(ofCommit?.associatedPullRequests)
      .filter((node) => isUsable(node) && node.state === "OPEN" && node.headRefOid === asked.commit)
      .map(parsePullNode),
  };
}

function isUsable(node: PullNode): boolean {
  return isBranchName(node.headRefName) && isBranchName(node.baseRefName);
}

function parseRepository(node: RepositoryNode): RepositoryFacts {
  const flags: [MergeMethod, boolean][] = [
    ["merge", node.mergeCommitAllowed],
    ["squash", node.squashMergeAllowed],
    ["rebase", node.rebaseMergeAllowed],
  ];
  return {
    fullName: node.nameWithOwner,
    defaultBranch: parseBranchName(node.defaultBranchRef?.name ?? "main"),
    methods: flags.flatMap(([method, allowed]) => (allowed ? [method] : [])),
    canPush: node.viewerPermission === null ? null : ["ADMIN", "MAINTAIN", "WRITE"].includes(node.viewerPermission),
    deletesMergedBranches: node.deleteBranchOnMerge,
    parent: node.parent?.nameWithOwner ?? null,
  };
}

function parsePullNode(node: PullNode): PullRequest {
  const mergeable: Record<string, boolean> = { MERGEABLE: true, CONFLICTING: false };
  const tip = (ref: PullNode["headRef"]) => {
    const oid = ref?.target?.oid ?? "";
    return isCommitSha(oid) ? oid : null;
  };
  return {
    number: node.number,
    id: node.id,
    url: node.url,
    title: node.title,
    open: node.state === "OPEN",
    draft: node.isDraft,
    merged: node.merged,
    mergeCommit: node.mergeCommit === null || !node.merged ? null : parseCommitSha(node.mergeCommit.oid),
    head: {
      branch: usableBranch(node.headRefName, node.number),
      sha: parseCommitSha(node.headRefOid),
      repository: node.headRepository?.nameWithOwner ?? null,
      fork: node.isCrossRepository,
      tip: tip(node.headRef),
    },
    base: { branch: usableBranch(node.baseRefName, node.number), tip: tip(node.baseRef) },
    mergeable: mergeable[node.mergeable] ?? null,
    mergeState: node.mergeStateStatus.toLowerCase(),
    queue: node.mergeQueueEntry,
    armed: node.autoMergeRequest !== null,
  };
}

interface RefNode {
  refUpdateRule: {
    requiredStatusCheckContexts: (string | null)[] | null;
    requiredApprovingReviewCount: number | null;
    requiresLinearHistory: boolean;
    requiresSignatures: boolean;
  } | null;
  rules: Nodes<{
    type: string;
    parameters: {
      requiredApprovingReviewCount?: number;
      allowedMergeMethods?: string[] | null;
      requiredStatusChecks?: { context: string }[];
    } | null;
  }> | null;
}

interface ContextsPage {
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  nodes: readonly (Record<string, unknown> | null)[] | null;
}

interface ChecksNode {
  commits: Nodes<{ commit: { oid: string; statusCheckRollup: { contexts: ContextsPage } | null } }>;
}

interface DetailsAnswer {
  repository: {
    pullRequest: (PullNode & ChecksNode) | null;
    base: RefNode | null;
    head: RefNode | null;
    children: Nodes<{ number: number }>;
    sameHead: Nodes<{ number: number; headRepository: { nameWithOwner: string } | null }>;
    wasBase: Nodes<{ number: number }>;
    below: Nodes<{ number: number; isCrossRepository: boolean }>;
  };
}

const DETAILS = `query details($owner: String!, $name: String!, $number: Int!, $head: String!, $base: String!, $headRef: String!, $baseRef: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { ...pull ...checks }
    base: ref(qualifiedName: $baseRef) { ...rules }
    head: ref(qualifiedName: $headRef) { ...rules }
    children: pullRequests(baseRefName: $head, states: OPEN, first: 100) { nodes { number } }
    sameHead: pullRequests(headRefName: $head, states: OPEN, first: 100) { nodes { number headRepository { nameWithOwner } } }
    wasBase: pullRequests(baseRefName: $head, states: MERGED, first: 1) { nodes { number } }
    below: pullRequests(headRefName: $base, states: OPEN, first: 20) { nodes { number isCrossRepository } }
  }
}
${PULL}
${RULES}
${CHECKS}`;

const MORE_CHECKS = `query checks($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { ...checks } }
}
${CHECKS}`;

/** Reads everything about a pull request: one request, and one more for each hundred checks beyond the first. */
export async function detailsByGraphql(query: Query, at: Place, known: PullRequest): Promise<PullDetails | null> {
  const place = { owner: at.owner, name: at.name, number: known.number };
  const [head, base] = [known.head.branch, known.base.branch];
  const { repository } = await query<DetailsAnswer>(DETAILS, {
    ...place,
    head,
    base,
    headRef: branchRef(head),
    baseRef: branchRef(base),
    after: null,
  });
  if (repository.pullRequest === null) return null;
  const pull = parsePullNode(repository.pullRequest);
  const checks: CheckEntry[] = [];
  for (let page = contextsOf(repository.pullRequest); page !== null; ) {
    checks.push(...list(page).map(parseContext));
    if (!page.pageInfo.hasNextPage) break;
    const more: { repository: { pullRequest: ChecksNode | null } } = await query(MORE_CHECKS, {
      ...place,
      after: page.pageInfo.endCursor,
    });
    page = more.repository.pullRequest === null ? null : contextsOf(more.repository.pullRequest);
  }
  const ownHead = pull.head.fork ? null : repository.head;
  return {
    pull,
    checks: newestChecks(checks),
    demands: demandsOf(repository.base),
    children: pull.head.fork ? [] : list(repository.children).map((child) => child.number),
    sameHead: list(repository.sameHead)
      .filter((other) => other.number !== pull.number && other.headRepository?.nameWithOwner === pull.head.repository)
      .map((other) => other.number),
    headWasBase: !pull.head.fork && list(repository.wasBase).length > 0,
    headProtected: ownHead !== null && (ownHead.refUpdateRule !== null || demandsOf(ownHead).keepsBranch),
    baseIsHeadOf: list(repository.below).find((below) => !below.isCrossRepository)?.number ?? null,
  };
}

function contextsOf(pull: ChecksNode): ContextsPage | null {
  return list(pull.commits)[0]?.commit.statusCheckRollup?.contexts ?? null;
}

function parseContext(node: Record<string, unknown>): CheckEntry {
  if (node.__typename === "StatusContext") {
    return parseStatus({
      context: String(node.context),
      state: String(node.state),
      created_at: String(node.createdAt ?? ""),
    });
  }
  const suite = node.checkSuite as { app: { slug: string } | null } | null;
  return parseCheckRun({
    id: Number(node.databaseId ?? 0),
    name: String(node.name),
    status: String(node.status),
    conclusion: node.conclusion === null ? null : String(node.conclusion),
    started_at: node.startedAt === null ? null : String(node.startedAt),
    app: suite?.app ?? null,
  });
}

function demandsOf(ref: RefNode | null): BranchDemands {
  if (ref === null) return NO_DEMANDS;
  const { refUpdateRule: classic } = ref;
  const rules = list(ref.rules).map(({ type, parameters }) => ({
    type: type.toLowerCase(),
    parameters: {
      required_status_checks: parameters?.requiredStatusChecks,
      required_approving_review_count: parameters?.requiredApprovingReviewCount,
      allowed_merge_methods: parameters?.allowedMergeMethods,
    },
  }));
  const demands = parseRules(rules);
  if (classic === null) return demands;
  const protection = {
    requiredChecks: (classic.requiredStatusCheckContexts ?? []).filter((name) => name !== null),
    requiredApprovals: classic.requiredApprovingReviewCount ?? 0,
    linearHistory: classic.requiresLinearHistory,
    signatures: classic.requiresSignatures,
  };
  return addDemands(demands, classicDemands(protection));
}
