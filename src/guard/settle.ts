import { hostname } from "node:os";
import type { SessionFile } from "../domain/expectation.ts";
import { isBranchName } from "../domain/names.ts";
import { newSessionFile } from "../domain/new-session-file.ts";
import { SESSION_FILE } from "../layout/paths.ts";
import { readExpectation, readSessionCopy, traceSessionFile, writeSessionFile } from "../layout/session-file.ts";
import type { GuardFacts } from "./facts.ts";
import type { HookCall } from "./observe.ts";

/** A session file that a person or another tool wrote, and that passed. */
function traceForeign(place: HookCall["place"], content: SessionFile): void {
  const copy = readSessionCopy(place.gitDir);
  if (copy.kind === "present" && copy.content.expectedBranch === content.expectedBranch) return;
  traceSessionFile(place, content);
}

/**
 * Writes down what the guard has found out on the way to letting something pass, so that it need not find it out again: a
 * branch that was renamed, a new worktree that nobody had adopted. It changes no verdict, so a file that cannot be written
 * holds nothing up. A file that was taken away is not put back: its copy counts, and `git stash pop` would find it in its way.
 */
export function settleExpectation(facts: GuardFacts, { place, conf }: HookCall): void {
  const { expectation, head } = facts;
  try {
    if (expectation.kind === "present") {
      const known = readExpectation(place.topLevel, place.gitDir);
      const renamed = known.kind === "present" && known.content.expectedBranch !== expectation.content.expectedBranch;
      if (renamed) writeSessionFile(place, expectation.content);
      else if (known.kind === "present" && expectation.file === SESSION_FILE) traceForeign(place, known.content);
    } else if (expectation.kind === "missing" && facts.unused && head.kind === "branch" && isBranchName(head.branch)) {
      const origin = { topLevel: place.topLevel, mainTop: conf.main, expectedBranch: head.branch };
      writeSessionFile(place, newSessionFile({ ...origin, now: new Date().toISOString(), hostname: hostname() }));
    }
  } catch {
    return;
  }
}
