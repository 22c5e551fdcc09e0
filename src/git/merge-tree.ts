import type { CommitSha } from "../domain/names.ts";
import { type Git, splitRecords } from "./git.ts";

/** The files in which two commits conflict; changes nothing. */
export async function conflictingFiles(git: Git, ours: CommitSha, theirs: CommitSha): Promise<string[]> {
  const command = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs];
  const { exitCode, stdout } = await git.run(command, { allow: [1] });
  // The first record is the tree; what follows are the files, each once.
  return exitCode === 0
    ? []
    : [
        ...new Set(
          splitRecords(stdout)
            .slice(1)
            .filter((name) => name !== ""),
        ),
      ];
}
