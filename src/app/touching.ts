import type { Session } from "../domain/session.ts";
import { isSamePath } from "../files/same-path.ts";
import { splitRecords } from "../git/git.ts";
import type { WorktreeState } from "../git/worktree-state.ts";
import { readExpectation } from "../layout/session-file.ts";
import { lookAround } from "../session/look.ts";
import type { Clone } from "./clone.ts";
import { observerOf } from "./observer.ts";

/**
 * Live sessions in other worktrees whose work touches some of these files, committed on their branch or not, in words:
 * whom to talk to about a conflict. It only explains, so a worktree that cannot be read is passed over.
 */
export async function sessionsTouching(clone: Clone, files: readonly string[]): Promise<string[]> {
  const wanted = new Set(files);
  const own = clone.worktree.topLevel;
  const [live, base] = await Promise.all([liveSessions(clone), clone.base().catch(() => null)]);
  const found = await Promise.all(
    (await clone.worktrees()).map(async ({ path, branch, prunable }) => {
      if (isSamePath(path, own) || prunable !== null) return null;
      try {
        const session = live?.find(({ worktree }) => isSamePath(worktree, path));
        const expectation = readExpectation(path);
        // Without a database the worktree's own file is all that tells of a session.
        if (live === null ? expectation.kind !== "present" : session === undefined) return null;
        const touched = await touchedIn(clone, path, base?.ref ?? null);
        const common = touched.filter((file) => wanted.has(file));
        const who = session?.item ?? (expectation.kind === "present" ? expectation.content.sdKey : null);
        return common.length === 0 ? null : `${who ?? branch ?? "a session"} in ${path} (${common.join(", ")})`;
      } catch {
        return null;
      }
    }),
  );
  return found.filter((line) => line !== null);
}

/** Files with changes there, and those that its commits beyond the base change. */
async function touchedIn({ repository }: Clone, path: WorktreeState["path"], base: string | null): Promise<string[]> {
  const git = repository.git.in(path);
  const status = await git.run(["status", "--porcelain", "-z", "--no-renames"]);
  const changed = splitRecords(status.stdout).map((record) => record.slice(3));
  if (base === null) return changed;
  const committed = await git.run(["diff", "--name-only", "--no-renames", "-z", `${base}...HEAD`], { allow: [128] });
  return [...new Set([...changed, ...(committed.exitCode === 0 ? splitRecords(committed.stdout) : [])])];
}

/** Sessions that live, by any sign of life; null where the clone has no database that tells. */
async function liveSessions(clone: Clone): Promise<Session[] | null> {
  try {
    const store = await clone.storeIfMade();
    if (store === null) return null;
    const { sessions, lives } = await lookAround(store, observerOf(clone));
    return sessions.filter(({ id }) => lives.get(id)?.life.state === "alive");
  } catch {
    return null;
  }
}
