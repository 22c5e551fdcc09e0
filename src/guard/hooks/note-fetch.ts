import { writeFileAtomically } from "../../files/atomic-write.ts";
import { commonLayout } from "../../layout/paths.ts";
import { sharedFileMode } from "../../layout/sharing.ts";
import { processStart } from "../calling-git.ts";
import type { GuardFacts } from "../facts.ts";
import type { HookCall } from "../observe.ts";

/**
 * Notes for the sh guard which branches the running fetch brings. git before 2.54 announces each branch by itself, so a fetch
 * of fifty would start the full guard fifty times; the process is named by its id and start, so that no other can profit.
 */
export function noteFetch({ place, env }: HookCall, { evidence }: GuardFacts): void {
  const patterns = Object.values(evidence).find(({ fetched }) => fetched.length > 0)?.fetched ?? [];
  const pid = env.BULKHEAD_GIT_PID ?? "";
  const started = patterns.length > 0 && /^\d+$/.test(pid) ? processStart(pid) : null;
  if (started === null || patterns.some((pattern) => /[\s?[\\]/.test(pattern))) return;
  try {
    const text = `${[pid, started, ...patterns].join(" ")}\n`;
    writeFileAtomically(commonLayout(place.commonDir).fetching, text, sharedFileMode(place.commonDir));
  } catch {
    // Without the note the next branch costs as much as this one did.
  }
}
