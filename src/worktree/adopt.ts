import { BulkheadError } from "../domain/error.ts";
import type { SessionFile } from "../domain/expectation.ts";
import { newSessionFile } from "../domain/new-session-file.ts";
import type { Repository } from "../git/repository.ts";
import { type Head, readHead } from "../git/worktree-state.ts";
import { ensureIgnored } from "../layout/ignore-rules.ts";
import { readExpectation, readSessionCopy, writeSessionFile } from "../layout/session-file.ts";

/** What `worktree --adopt` did. */
export interface Adoption {
  readonly path: string;
  readonly branch: string;
  readonly session: string;
  /** `kept`: the file was there; `restored`: from the copy in the git directory; `created`: for the branch it is on. */
  readonly state: "kept" | "restored" | "created";
}

export interface AdoptPlace extends Repository {
  readonly topLevel: string;
  /** Top directory of the main checkout. */
  readonly mainTop: () => Promise<string>;
  readonly hostname: string;
}

/**
 * Gives a worktree its session file back: from the copy that `git clean -fdx` cannot reach, else for the branch that
 * the worktree is on. A file that is there is left alone.
 * @throws BulkheadError `EXPECTATION_INVALID` for a broken file without a copy, `ADOPT_DETACHED`
 */
export async function adoptWorktree(worktree: AdoptPlace, now: Date): Promise<Adoption> {
  const { topLevel, gitDir, commonDir, git, hostname } = worktree;
  const present = readExpectation(topLevel);
  if (present.kind === "present") return describe(topLevel, present.content, "kept");
  const copy = readSessionCopy(gitDir);
  if (present.kind === "invalid" && copy.kind !== "present") {
    throw new BulkheadError("EXPECTATION_INVALID", { file: present.file, fault: present.fault });
  }
  ensureIgnored(commonDir);
  if (copy.kind === "present") {
    writeSessionFile(worktree, copy.content);
    return describe(topLevel, copy.content, "restored");
  }
  const content = newSessionFile({
    topLevel,
    mainTop: await worktree.mainTop(),
    expectedBranch: branchOf(await readHead(git, gitDir)),
    now: now.toISOString(),
    hostname,
  });
  writeSessionFile(worktree, content);
  return describe(topLevel, content, "created");
}

function branchOf(head: Head) {
  if (head.kind === "detached") throw new BulkheadError("ADOPT_DETACHED");
  return head.branch;
}

function describe(path: string, content: SessionFile, state: Adoption["state"]): Adoption {
  return { path, branch: content.expectedBranch, session: content.session, state };
}
