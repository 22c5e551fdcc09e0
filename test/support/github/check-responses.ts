import type { components } from "@octokit/openapi-types";
import type { CheckState, DoubleRepository } from "./double-repository.ts";
import { type Addresses, repositoryBody } from "./responses.ts";

export type CheckRun = components["schemas"]["check-run"];
export type CombinedStatus = components["schemas"]["combined-commit-status"];

export function checkRunBody(
  at: Addresses,
  repository: DoubleRepository,
  check: { sha: string; id: number; state: CheckState },
): CheckRun {
  const running = check.state.pendingReads > 0;
  return {
    id: check.id,
    node_id: `CR_${check.id}`,
    external_id: "",
    head_sha: check.sha,
    name: check.state.name,
    url: `${at.api}/repos/${repository.fullName}/check-runs/${check.id}`,
    html_url: `${at.html}/${repository.fullName}/runs/${check.id}`,
    details_url: null,
    status: running ? "in_progress" : "completed",
    conclusion: running ? null : check.state.conclusion,
    started_at: check.state.startedAt ?? "2026-01-01T00:00:00Z",
    completed_at: running ? null : "2026-01-01T00:01:00Z",
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: "" },
    check_suite: { id: 1 },
    app: check.state.app === undefined ? null : ({ slug: check.state.app } as CheckRun["app"]),
    pull_requests: [],
  };
}

export function combinedStatusBody(
  at: Addresses,
  repository: DoubleRepository,
  sha: string,
  checks: readonly CheckState[],
): CombinedStatus {
  const url = `${at.api}/repos/${repository.fullName}/statuses/${sha}`;
  const states = checks.map((c) =>
    c.pendingReads > 0 ? "pending" : c.conclusion === "success" ? "success" : "failure",
  );
  return {
    // With no status at all the service says "pending".
    state: states.includes("failure")
      ? "failure"
      : states.length === 0 || states.includes("pending")
        ? "pending"
        : "success",
    statuses: checks.map((check, index) => ({
      id: index + 1,
      node_id: `SC_${index + 1}`,
      description: null,
      state: states[index] ?? "pending",
      context: check.name,
      target_url: null,
      avatar_url: null,
      url,
      created_at: "2026-01-01T00:00:00Z",
      updated_at: "2026-01-01T00:00:00Z",
    })),
    sha,
    total_count: checks.length,
    repository: { ...repositoryBody(at, repository), license: null },
    commit_url: `${at.api}/repos/${repository.fullName}/commits/${sha}`,
    url: `${url.replace("/statuses/", "/commits/")}/status`,
  };
}
