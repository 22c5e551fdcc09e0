import { hostname } from "node:os";
import { isBranchName } from "../domain/names.ts";
import { newSessionFile } from "../domain/new-session-file.ts";
import { shellWord } from "../domain/shell-word.ts";
import { appendEvent } from "../layout/event-spool.ts";
import { readExpectation, readSessionCopy, writeSessionFile } from "../layout/session-file.ts";
import { actorInWords, findActor } from "./actor.ts";
import { callingCommand, callingGit } from "./calling-git.ts";
import { decideHead } from "./decide.ts";
import { noteMover } from "./head-movement.ts";
import { adoptHooksPath } from "./hooks/own-hooks-path.ts";
import type { HookCall } from "./observe.ts";
import { observeFiles, observeGuard } from "./observe.ts";
import { tell } from "./tell.ts";

/**
 * After a checkout: adopts a new worktree, and says loudly when a session's worktree has been switched away.
 * Never refuses: the checkout has happened.
 * @returns the hook's exit code, which is 0
 */
export function handleCheckout(call: HookCall): number {
  const [before = "", , flag] = call.hookArguments;
  if (flag !== "1") return 0;
  if (/^0+$/.test(before)) adoptHooksPath(call.place.gitDir, { ...call, commonDir: call.place.commonDir });
  if (/^0+$/.test(before) || isUnused(call)) adoptWorktree(call);
  else warnOfSwitch(call);
  return 0;
}

/** A worktree that was made detached has been for no branch yet: the first one that it is switched to counts. */
function isUnused({ place }: HookCall): boolean {
  return place.linked && readSessionCopy(place.gitDir).kind === "missing";
}

/** The worktree has been made for a branch, or put on its first one: from now on it expects that branch. */
function adoptWorktree(call: HookCall): void {
  const { place } = call;
  if (!place.linked || readExpectation(place.topLevel, place.gitDir).kind !== "missing") return;
  const { head } = observeFiles(call);
  if (head.kind !== "branch" || !isBranchName(head.branch)) return;
  const now = new Date().toISOString();
  const { topLevel } = place;
  writeSessionFile(
    place,
    newSessionFile({ topLevel, mainTop: call.conf.main, expectedBranch: head.branch, now, hostname: hostname() }),
  );
}

function warnOfSwitch(call: HookCall): void {
  const facts = observeGuard(call);
  const { expectation, head } = facts;
  // A rebase of this branch starts by a checkout; if it is another's, the rebase itself is refused.
  if (callingCommand(callingGit(call.env.BULKHEAD_GIT_PID)) === "rebase") return;
  if (expectation.kind !== "present" || decideHead(facts).kind === "allow") return;
  const { expectedBranch, session, sdKey } = expectation.content;
  const to = head.kind === "branch" ? head.branch : null;
  if (to === expectedBranch || (head.kind === "detached" && head.bisectFrom === expectedBranch)) return;
  const owner = sdKey === undefined ? `session '${session}'` : `session '${session}' (${sdKey})`;
  const now = to === null ? "HEAD is detached" : `HEAD is on '${to}'`;
  tell(
    `bulkhead: this worktree belongs to ${owner} on '${expectedBranch}', and now ${now}.`,
    `Commits here are refused until it is back: git switch ${shellWord(expectedBranch)}`,
  );
  const data = { from: expectedBranch, to };
  const at = new Date().toISOString();
  const actor = findActor(call);
  if (actor !== null) noteMover(call.place.gitDir, { at, from: expectedBranch, to, by: actorInWords(actor) });
  appendEvent(call.place.commonDir, {
    type: "branch_changed",
    at,
    worktree: call.place.topLevel,
    session: actor?.sessionId ?? null,
    data,
  });
}
