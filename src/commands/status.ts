import { type StatusDocument, status } from "../app/status.ts";
import { typed } from "../domain/invocation.ts";
import { overlapInWords } from "../snapshot/overlap.ts";
import { defineCommand } from "./command.ts";
import { type OwnerOptions, ownerOf, withOwnerOptions } from "./owner-options.ts";
import { shortId } from "./short-id.ts";

export const command = defineCommand({
  examples: [["status", "who works here, on what, and would a commit pass?"]],
  configure(command) {
    withOwnerOptions(command).usage("[options]");
  },
  input: (_, options: OwnerOptions) => ownerOf(options),
  run: status,
  text: (document) =>
    [
      `worktree  ${document.worktree}`,
      ...sessionLines(document),
      ...branchLines(document),
      ...document.overlaps.map((overlap) => `overlap   ${overlapInWords(document.worktree, overlap)}`),
      ...guardLines(document),
    ].join("\n"),
});

function sessionLines({ session, requests }: StatusDocument): string[] {
  if (session === null) return [`session   none; start one with: ${typed("start <item>")}`];
  const { computed_status: state, health_status: health, heartbeat_age_human: age } = session;
  const life = session.life_human ?? `heartbeat ${age}`;
  return [
    `session   ${shortId(session)} (${state}, ${health}, ${life})`,
    `item      ${session.sd_id ?? "none"}`,
    ...requests.map(({ by, message }) => `asked for ${by ?? "by somebody"}${message === null ? "" : `: "${message}"`}`),
  ];
}

/** Said only where the guard does not stand: that it does is what people take for granted. */
function guardLines({ guard }: StatusDocument): string[] {
  if (guard.state === "off") return [`guard     OFF: ${guard.because} Type: ${typed("init")}`];
  return guard.state === "not set up" ? [`guard     none in this clone; set it up with: ${typed("init")}`] : [];
}

function branchLines({ expected_branch: expected, current_branch: branch, agrees }: StatusDocument): string[] {
  const verdict =
    expected === null ? "none" : `${expected}${agrees ? "" : "  (HEAD is elsewhere: commits are refused)"}`;
  return [`branch    ${branch ?? "detached"}`, `expects   ${verdict}`];
}
