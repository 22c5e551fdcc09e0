import { rmSync } from "node:fs";
import { join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import type { BranchName } from "../domain/names.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { fileFailed } from "../files/file-failed.ts";
import { readText } from "../files/read-file.ts";

/** A stop for everything that would be merged into a base from this clone: who said so, and why. */
export interface Freeze {
  readonly base: BranchName;
  readonly by: string;
  readonly host: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** ISO 8601; null: until it is lifted. */
  readonly until: string | null;
}

const FILE = "freeze.json";

/**
 * The stop that holds for a base now. One whose time is over holds no more; one that cannot be read holds: unknown is not safe.
 * @param directory of the base's ships
 */
export function readFreeze(directory: string, base: BranchName, now: Date): Freeze | null {
  const text = readText(join(directory, FILE));
  if (text === null) return null;
  const freeze = parseFreeze(text, base);
  return freeze.until !== null && Date.parse(freeze.until) <= now.getTime() ? null : freeze;
}

function parseFreeze(text: string, base: BranchName): Freeze {
  const unreadable = { base, by: "somebody", host: "", reason: `${FILE} cannot be read`, at: "", until: null };
  try {
    const found = JSON.parse(text) as Partial<Freeze> | null;
    if (found === null || typeof found.by !== "string" || typeof found.at !== "string") return unreadable;
    const until = typeof found.until === "string" && !Number.isNaN(Date.parse(found.until)) ? found.until : null;
    return { base, by: found.by, host: found.host ?? "", reason: found.reason ?? "", at: found.at, until };
  } catch {
    return unreadable;
  }
}

/** @throws BulkheadError `FILE_FAILED` */
export function writeFreeze(directory: string, freeze: Freeze): void {
  writeFileAtomically(join(directory, FILE), `${JSON.stringify(freeze, null, 2)}\n`);
}

/** @returns whether there was one @throws BulkheadError `FILE_FAILED` */
export function liftFreeze(directory: string): boolean {
  const path = join(directory, FILE);
  if (readText(path) === null) return false;
  try {
    rmSync(path, { force: true });
  } catch (cause) {
    throw cause instanceof BulkheadError ? cause : fileFailed(path, "removed", cause);
  }
  return true;
}
