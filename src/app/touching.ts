import { splitRecords } from "../git/git.ts";
import { readExpectation } from "../layout/session-file.ts";
import type { Clone } from "./clone.ts";

/**
 * Other worktrees with a session whose uncommitted changes touch some of these files, in words: whom to talk to about
 * a conflict. It only explains, so a worktree that cannot be read is passed over.
 */
export async function sessionsTouching(clone: Clone, files: readonly string[]): Promise<string[]> {
  const wanted = new Set(files);
  const own = clone.worktree.topLevel;
  const found = await Promise.all(
    (await clone.worktrees()).map(async ({ path, branch, prunable }) => {
      if (path === own || prunable !== null) return null;
      try {
        const expectation = readExpectation(path);
        if (expectation.kind !== "present") return null;
        const status = await clone.repository.git.in(path).run(["status", "--porcelain", "-z", "--no-renames"]);
        const touched = splitRecords(status.stdout).map((record) => record.slice(3));
        const common = touched.filter((file) => wanted.has(file));
        const who = expectation.content.sdKey ?? branch ?? path;
        return common.length === 0 ? null : `${who} in ${path} (${common.join(", ")})`;
      } catch {
        return null;
      }
    }),
  );
  return found.filter((line) => line !== null);
}
