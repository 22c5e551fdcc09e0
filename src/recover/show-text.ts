import { typed } from "../domain/invocation.ts";
import { shortSha } from "./facts.ts";
import type { Finding } from "./findings.ts";
import { wrap } from "./phrases.ts";
import type { DescribedStack } from "./scan.ts";
import { adviceOf, storyClauses } from "./text.ts";

/** What is shown of one commit. */
export interface Shown {
  readonly finding: Finding | null;
  readonly stack: DescribedStack | null;
  readonly sha: string;
  readonly subject: string;
  readonly author: string;
  readonly date: string;
  readonly holders: readonly string[];
  readonly patch: readonly string[];
  readonly difference: readonly string[] | null;
  readonly now: number;
}

/** One commit, for people: what became of it, how to get it back, what replaced it, and what it holds. */
export function showText(shown: Shown): string {
  const { finding, stack, sha, subject, author, date, holders, patch, difference, now } = shown;
  const head = [`commit ${sha}`, ...wrap(subject, 4), ...wrap(`${author}, ${date}`, 4)];
  const state =
    holders.length > 0
      ? wrap(`not lost: ${holders.slice(0, 5).join(", ")} ${holders.length === 1 ? "has" : "have"} it`, 4)
      : finding === null
        ? wrap("No log or ref leads to it: nothing is known of how it came to be here.", 4)
        : [`${finding.verdict}: ${finding.reason}`, ...storyClauses(finding, now), ...below(sha, stack)].flatMap(
            (clause) => wrap(clause, 4),
          );
  const back = holders.length > 0 ? [] : ["", `Bring it back: ${adviceOf(sha, finding)}`];
  const by = finding?.replacedBy ?? null;
  return [
    ...[...head, "", ...state, ...back],
    ...(by === null || difference === null ? [] : ["", ...replaced(by, difference)]),
    ...["", "What it holds:", "", ...patch],
  ].join("\n");
}

function below(sha: string, stack: DescribedStack | null): string[] {
  if (stack === null || stack.commits.length < 2) return [];
  if (stack.tip === sha) return [`tip of ${stack.commits.length} commits, which come back with it`];
  return [
    `below ${shortSha(stack.tip)}, the tip of ${stack.commits.length} commits: ${typed(`recover show ${shortSha(stack.tip)}`)}`,
  ];
}

function replaced(by: string, difference: readonly string[]): string[] {
  if (difference.length === 0) return [`${shortSha(by)} replaced it, and nothing in its files differs.`];
  return [`From it to ${shortSha(by)}, which replaced it:`, "", ...difference];
}
