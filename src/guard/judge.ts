import { decideGuard, decidePush, type GuardVerdict } from "./decide.ts";
import type { GuardFacts } from "./facts.ts";
import { type HookCall, observeFiles, observeGuard, observePush } from "./observe.ts";
import type { PushLine } from "./transaction.ts";

/** A verdict and what it was made from. */
export interface Judgement {
  readonly facts: GuardFacts;
  readonly verdict: GuardVerdict;
}

/**
 * Judges what a hook announces. Right work is recognised by files alone; git is asked only before something is refused.
 * @throws ObservationError when git cannot answer
 */
export function judgeHook(call: HookCall): Judgement {
  const files = observeFiles(call);
  const verdict = decideGuard(files);
  if (verdict.kind === "allow") return { facts: files, verdict };
  const facts = observeGuard(call, files);
  return { facts, verdict: decideGuard(facts) };
}

/** Judges a push by the refs that are pushed. @throws ObservationError when git cannot answer */
export function judgePush(pushed: readonly PushLine[], call: HookCall): Judgement {
  const facts = observeFiles(call);
  return { facts, verdict: decidePush(observePush(pushed, facts, call), facts) };
}
