import { MERGE_METHODS, type MergeMethod } from "./pull-request.ts";

/** What a base branch demands of a pull request, as far as this token may see it. */
export interface BranchDemands {
  readonly requiredChecks: readonly string[];
  readonly requiredApprovals: number;
  /** Null when every method that the repository allows will do. */
  readonly allowedMethods: readonly MergeMethod[] | null;
  readonly mergeQueue: boolean;
}

export const NO_DEMANDS: BranchDemands = {
  requiredChecks: [],
  requiredApprovals: 0,
  allowedMethods: null,
  mergeQueue: false,
};

/** The part of a rule that is read; other rules do not concern a merge. */
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
    allowed_merge_methods?: string[];
  };
  const allowed = given.allowed_merge_methods;
  return {
    requiredChecks: (given.required_status_checks ?? []).map((check) => check.context),
    requiredApprovals: given.required_approving_review_count ?? 0,
    allowedMethods: allowed === undefined ? null : MERGE_METHODS.filter((method) => allowed.includes(method)),
    mergeQueue: type === "merge_queue",
  };
}

/** Reads classic protection: https://docs.github.com/rest/branches/branch-protection */
export function parseProtection(body: {
  required_status_checks?: { contexts: string[] };
  required_pull_request_reviews?: { required_approving_review_count?: number };
}): BranchDemands {
  return {
    ...NO_DEMANDS,
    requiredChecks: body.required_status_checks?.contexts ?? [],
    requiredApprovals: body.required_pull_request_reviews?.required_approving_review_count ?? 0,
  };
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
  };
}
