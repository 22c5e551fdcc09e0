import { GUARD_HOOKS } from "../facts.ts";

/** Hooks of git that the guard does not stand at, but passes on when somebody uses them (https://git-scm.com/docs/githooks). */
const OTHER_HOOKS = [
  "commit-msg",
  "fsmonitor-watchman",
  "p4-changelist",
  "p4-post-changelist",
  "p4-pre-submit",
  "p4-prepare-changelist",
  "post-applypatch",
  "post-commit",
  "post-index-change",
  "post-merge",
  "post-receive",
  "post-rewrite",
  "post-update",
  "pre-applypatch",
  "pre-auto-gc",
  "pre-receive",
  "prepare-commit-msg",
  "proc-receive",
  "push-to-checkout",
  "sendemail-validate",
  "update",
] as const;

const KNOWN_HOOKS = new Set<string>([...GUARD_HOOKS, ...OTHER_HOOKS]);

/** Whether git would run a file of this name. */
export function isHookName(name: string): boolean {
  return KNOWN_HOOKS.has(name);
}

/** Names to arm: the guard's own, and those that a chained hook exists for. Sorted. */
export function hooksToArm(used: readonly string[]): string[] {
  return [...new Set([...GUARD_HOOKS, ...used.filter(isHookName)])].sort();
}
