import { appendFileSync } from "node:fs";
import type { HookCall } from "./observe.ts";

/** Names a file to which refusals are added, so that `doctor` knows which hook it was. */
export const TRACE_VARIABLE = "BULKHEAD_GUARD_TRACE";

/** One refusal, as `doctor` reads it. */
export interface TracedRefusal {
  readonly hook: string;
  readonly code: string;
  /** The command that puts back what git had changed; null for none. */
  readonly putBack: string | null;
}

/** Adds a refusal to the trace file, when one is asked for. */
export function traceRefusal(call: HookCall, code: string, putBack: string | null): void {
  const file = call.env[TRACE_VARIABLE];
  if (file) appendFileSync(file, `${JSON.stringify({ hook: call.hook, code, putBack } satisfies TracedRefusal)}\n`);
}
