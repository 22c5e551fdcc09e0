import { printableJson } from "../domain/printable.ts";
import { readText } from "../files/read-file.ts";
import { appendInforming } from "./informing-log.ts";
import { commonLayout } from "./paths.ts";
import { sharedFileMode } from "./sharing.ts";

/** One time the guard was told to look away. */
export interface Bypass {
  /** ISO 8601 */
  readonly at: string;
  /** Who did it: a name from the environment, else the login name or the user id. */
  readonly user: string;
  readonly hook: string;
  /** The git command as far as it is known. */
  readonly command: string;
  readonly worktree: string;
  /** Code and text of the refusal that was skipped. */
  readonly code: string;
  readonly message: string;
  /** Process id of the git that ran the hook. */
  readonly pid: string;
}

/** Appends to the bypass log, without secrets. @returns whether it stands there: git goes on in any case */
export function appendBypass(commonDir: string, bypass: Bypass): boolean {
  const { bypassLog } = commonLayout(commonDir);
  return appendInforming(bypassLog, `${printableJson(bypass)}\n`, sharedFileMode(commonDir)) !== null;
}

/**
 * All bypasses on record, oldest first; lines cut short by a crash are left out.
 * @returns null when the log is there and cannot be read (another user's)
 */
export function readBypasses(commonDir: string): Bypass[] | null {
  let text: string | null;
  try {
    text = readText(commonLayout(commonDir).bypassLog);
  } catch {
    return null;
  }
  return (text ?? "").split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as Bypass];
    } catch {
      return [];
    }
  });
}
