import { MERGE_METHODS, type MergeMethod } from "./pull-request.ts";

/** What a base branch demands of a pull request, as far as this token may see it. */
export interface BranchDemands {
  readonly requiredChecks: readonly string[];
  readonly requiredApprovals: number;
  /** Null when every method that the repository allows will do. */
  readonly allowedMethods: readonly MergeMethod[] | null;
  readonly mergeQueue: boolean;
  /** Whether a rule forbids the branch's own deletion. */
  readonly keepsBranch: boolean;
}

export const NO_DEMANDS: BranchDemands = {
  requiredChecks: [],
  requiredApprovals: 0,
  allowedMethods: null,
  mergeQueue: false,
  keepsBranch: false,
};

/** A linear history takes no merge commits: https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository */
const LINEAR: readonly MergeMethod[] = ["squash", "rebase"];
/** GitHub signs the commits that it makes itself; those that it only rebases it cannot sign. */
const SIGNED: readonly MergeMethod[] = ["merge", "squash"];

/** The part of a rule that is read, in the words of REST; other rules do not concern a merge. */
export interface RuleBody {
  readonly type: string;
  readonly parameters?: unknown;
}

/** Reads the rules that hold for a branch: https://docs.github.com/rest/repos/rules#get-rules-for-a-branch */
export function parseRules(rules: readonly RuleBody[]): BranchDemands {
  return rules.map(parseRule).reduce(addDemands, NO_DEMANDS);
}

function parseRule({ type, parameters }: RuleBody): BranchDemands {
  const given = (parameters ?? {}) as {
    required_status_checks?: { context: string }[];
    required_approving_review_count?: number;
    allowed_merge_methods?: string[] | null;
  };
  return {
    requiredChecks: (given.required_status_checks ?? []).map((check) => check.context),
    requiredApprovals: given.required_approving_review_count ?? 0,
    allowedMethods: methodsOf(type, given.allowed_merge_methods ?? null),
    mergeQueue: type === "merge_queue",
    keepsBranch: type === "deletion",
  };
}

function methodsOf(type: string, allowed: readonly string[] | null): readonly MergeMethod[] | null {
  if (type === "required_linear_history") return LINEAR;
  if (type === "required_signatures") return SIGNED;
  if (allowed === null) return null;
  const lower = allowed.map((method) => method.toLowerCase());
  return MERGE_METHODS.filter((method) => lower.includes(method));
}

/** Classic protection, from whichever interface. */
export interface ClassicProtection {
  readonly requiredChecks: readonly string[];
  readonly requiredApprovals: number;
  readonly linearHistory: boolean;
  readonly signatures: boolean;
}

export function classicDemands({
  requiredChecks,
  requiredApprovals,
  linearHistory,
  signatures,
}: ClassicProtection): BranchDemands {
  const only = (methods: readonly MergeMethod[]): BranchDemands => ({ ...NO_DEMANDS, allowedMethods: methods });
  return [linearHistory ? only(LINEAR) : NO_DEMANDS, signatures ? only(SIGNED) : NO_DEMANDS].reduce(addDemands, {
    ...NO_DEMANDS,
    requiredChecks,
    requiredApprovals,
  });
}

/** Reads classic protection: https://docs.github.com/rest/branches/branch-protection */
export function parseProtection(body: {
  required_status_checks?: { contexts: string[] };
  required_pull_request_reviews?: { required_approving_review_count?: number };
  required_linear_history?: { enabled?: boolean };
  required_signatures?: { enabled?: boolean };
}): BranchDemands {
  return classicDemands({
    requiredChecks: body.required_status_checks?.contexts ?? [],
    requiredApprovals: body.required_pull_request_reviews?.required_approving_review_count ?? 0,
    linearHistory: body.required_linear_history?.enabled ?? false,
    signatures: body.required_signatures?.enabled ?? false,
  });
}

/** Both demands at once. */
export function addDemands(a: BranchDemands, b: BranchDemands): BranchDemands {
  const both = (x: readonly MergeMethod[], y: readonly MergeMethod[]) => x.filter((method) => y.includes(method));
  return {
    requiredChecks: [...new Set([...a.requiredChecks, ...b.requiredChecks])],
    requiredApprovals: Math.max(a.requiredApprovals, b.requiredApprovals),
    allowedMethods:
      a.allowedMethods === null || b.allowedMethods === null
        ? (a.allowedMethods ?? b.allowedMethods)
        : both(a.allowedMethods, b.allowedMethods),
    mergeQueue: a.mergeQueue || b.mergeQueue,
    keepsBranch: a.keepsBranch || b.keepsBranch,
  };
}
