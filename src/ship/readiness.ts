import type { PullDetails } from "../github/lookup.ts";
import { notYet, type Refusal, refuse } from "./refusal.ts";

/** States in which GitHub lets a pull request be merged: https://docs.github.com/graphql/reference/enums#mergestatestatus */
const PASSES = new Set(["clean", "unstable", "has_hooks"]);

/**
 * Whether GitHub would merge a pull request now. Its own word decides; names of checks and reviews only say why not. Pure.
 * @param via a queue and an auto-merge take what is not ready yet
 */
export function judgeReadiness(details: PullDetails, via: "merge" | "queue" | "auto"): Refusal | null {
  const { pull, demands } = details;
  const data = { pull: pull.number, url: pull.url, base: pull.base.branch };
  if (!pull.open) return refuse("SHIP_CLOSED", data);
  if (pull.draft || pull.mergeState === "draft") return refuse("SHIP_DRAFT", data);
  if (pull.mergeable === false || pull.mergeState === "dirty") return refuse("SHIP_CONFLICTS", data);
  if (demands.mergeQueue && via === "merge") return refuse("SHIP_MERGE_QUEUE", data);
  if (via === "auto" && pull.mergeState !== "unknown") return null;
  if (pull.mergeable === null || pull.mergeState === "unknown") return notYet("SHIP_STILL_COMPUTING", data);
  if (PASSES.has(pull.mergeState)) return null;
  if (pull.mergeState === "behind") return via === "queue" ? null : refuse("SHIP_HEAD_OUTDATED", data);
  return explainBlocked(details) ?? (demands.mergeQueue ? null : notYet("SHIP_BLOCKED", approvals(details)));
}

function approvals({ pull, demands }: PullDetails) {
  return { pull: pull.number, url: pull.url, approvals: demands.requiredApprovals };
}

/** Which required checks stand in the way of a pull request that GitHub blocks; null when none of them does. */
function explainBlocked({ pull, demands, checks }: PullDetails): Refusal | null {
  const required = demands.requiredChecks.map((name) => {
    const found = checks.filter((check) => check.name === name).map((check) => check.state);
    // The same name from several apps counts as passed only when all of them have.
    const state = found.includes("failed") ? "failed" : found.includes("running") ? "running" : (found[0] ?? "missing");
    return { name, state };
  });
  const names = (state: string) => required.filter((check) => check.state === state).map((check) => check.name);
  const [failed, running, missing] = [names("failed"), names("running"), names("missing")];
  const data = { pull: pull.number, url: pull.url, failed, running, missing };
  if (failed.length > 0) return refuse("SHIP_CHECKS_FAILED", data);
  if (running.length + missing.length > 0) return notYet("SHIP_CHECKS_RUNNING", data);
  return null;
}
