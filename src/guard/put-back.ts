import type { GuardHead } from "./facts.ts";

/** What a refused command left in the worktree, as far as the guard can see it. */
export interface Residue {
  /** The git sub-command that was refused; empty when unknown. */
  readonly command: string;
  readonly head: GuardHead;
  /** The commit that the branch was to move to. */
  readonly target: string;
  readonly mergeInProgress: boolean;
  /** git has noted a cherry-pick or revert that can be aborted; for a single revert it has not. */
  readonly pickInProgress: boolean;
  /** The index already holds the target's content. */
  readonly indexMoved: boolean;
  /** The files already hold the target's content. */
  readonly filesMoved: boolean;
}

/**
 * The command that puts back what git changed before it asked the guard; null when git changed nothing.
 * `read-tree -m -u <target> HEAD` walks the way back from the target to HEAD, keeps edits of other files, and refuses
 * rather than overwrite an edit in its way: so following the advice can never cost work.
 */
export function putBackCommand(residue: Residue): string | null {
  const { command, target, indexMoved, filesMoved, mergeInProgress } = residue;
  switch (command) {
    case "cherry-pick":
    case "revert":
      // What `--abort` does, too: it keeps edits of other files, and clears the prepared message.
      return residue.pickInProgress ? `git ${command} --abort` : "git reset --merge";
    case "am":
    case "rebase":
      return `git ${command} --abort`;
    case "merge":
    case "pull":
      if (mergeInProgress) return "git merge --abort";
      return filesMoved ? `git read-tree -m -u ${target} HEAD` : null;
    case "reset":
      if (filesMoved) return `git read-tree -m -u ${target} HEAD`;
      return indexMoved ? "git reset" : null;
    default:
      return null;
  }
}

/** The sentence that follows a refusal: what was changed, and how to put it back. */
export function describeResidue(residue: Residue): string {
  const command = putBackCommand(residue);
  if (command !== null) return `No branch was moved, but git had already begun. Put everything back with: ${command}`;
  if (residue.command === "commit") return "Nothing was changed; what you staged is still staged.";
  return "Nothing was changed.";
}
