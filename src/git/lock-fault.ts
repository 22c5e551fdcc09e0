/**
 * Whether git failed because another process holds a lock. git has no exit code for it: only its words tell, which
 * `LC_ALL=C` keeps as they are in lockfile.c and config.c. "cannot lock ref … is at … but expected …" is another thing,
 * an answer: the ref has moved.
 * A worktree that another git is just making, whose files are not all there yet, is a thing of the same kind: every git
 * that looks at worktrees stumbles over it.
 */
export function isLockHeld(stderr: string): boolean {
  return /Unable to create '.*\.lock': File exists|could not lock config file .*: File exists|failed to read .*worktrees\/.*\/(commondir|gitdir)/.test(
    stderr,
  );
}
