/**
 * Whether git failed because another process holds a lock. git has no exit code for it: only its words tell, which
 * `LC_ALL=C` keeps as they are in lockfile.c and config.c. "cannot lock ref … is at … but expected …" is another thing,
 * an answer: the ref has moved.
 */
export function isLockHeld(stderr: string): boolean {
  return /Unable to create '.*\.lock': File exists|could not lock config file .*: File exists/.test(stderr);
}
