/** One check of a commit: a check run of an app, or a commit status of the older interface. */
export interface Check {
  readonly name: string;
  readonly state: "passed" | "failed" | "running";
}

/** What counts as passed for a required check: https://docs.github.com/pull-requests/collaborating-with-pull-requests */
const PASSED = new Set(["success", "neutral", "skipped"]);

export function parseCheckRun(run: { name: string; status: string; conclusion: string | null }): Check {
  if (run.status !== "completed" || run.conclusion === null) return { name: run.name, state: "running" };
  return { name: run.name, state: PASSED.has(run.conclusion) ? "passed" : "failed" };
}

export function parseStatus(status: { context: string; state: string }): Check {
  const states: Record<string, Check["state"]> = { success: "passed", pending: "running" };
  return { name: status.context, state: states[status.state] ?? "failed" };
}
