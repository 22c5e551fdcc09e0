import { printableJson } from "../domain/printable.ts";
import { appendInforming } from "../layout/informing-log.ts";
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

/** Adds a refusal to the trace file, when one is asked for. It only informs: a file that cannot be written changes nothing. */
export function traceRefusal(call: HookCall, code: string, putBack: string | null): void {
  const file = call.env[TRACE_VARIABLE];
  const refusal: TracedRefusal = { hook: call.hook, code, putBack };
  if (file) appendInforming(file, `${printableJson(refusal)}\n`, 0o600);
}
