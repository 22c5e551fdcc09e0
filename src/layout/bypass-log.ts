import { appendFileSync } from "node:fs";
import { readText } from "../files/read-file.ts";
import { commonLayout } from "./paths.ts";

/** One time the guard was told to look away. */
export interface Bypass {
  /** ISO 8601 */
  readonly at: string;
  /** Login name of the process that did it. */
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

/** Appends to the bypass log, mode 0600. Failures are thrown: the caller says so and lets git go on. */
export function appendBypass(commonDir: string, bypass: Bypass): void {
  appendFileSync(commonLayout(commonDir).bypassLog, `${JSON.stringify(bypass)}\n`, { mode: 0o600 });
}

/** All bypasses on record, oldest first; lines cut short by a crash are left out. */
export function readBypasses(commonDir: string): Bypass[] {
  const text = readText(commonLayout(commonDir).bypassLog) ?? "";
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as Bypass];
    } catch {
      return [];
    }
  });
}
