import { typed } from "../domain/invocation.ts";
import { readGuardConf } from "../layout/guard-conf.ts";
import { commonLayout } from "../layout/paths.ts";
import type { GuardHook } from "./facts.ts";
import type { HookCall } from "./observe.ts";
import { parseTransaction } from "./transaction.ts";
import { findHookPlace } from "./worktree-files.ts";

/** What git gives a hook, and where the guard is kept. */
export interface HookInvocation {
  readonly hook: GuardHook;
  readonly hookArguments: readonly string[];
  /** The hook's standard input, undecoded: branch names need not be UTF-8. */
  readonly input: Uint8Array;
  readonly commonDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** Finds out which worktree a hook runs for, and with which settings. @throws Error when the guard is incomplete */
export function createHookCall({ hook, hookArguments, input, commonDir, env, cwd }: HookInvocation): HookCall {
  const conf = readGuardConf(commonLayout(commonDir).guardConf);
  if (conf === null) throw new Error(`guard.conf is missing; arm the guard again with: ${typed("init")}`);
  const place = findHookPlace(commonDir, conf.main, env, cwd);
  const lines = hook === "reference-transaction" ? parseTransaction(input) : [];
  return { hook, hookArguments, lines, place, conf, env, cwd };
}
