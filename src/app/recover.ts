import { protectCommits, type Recovery, recoverCommits } from "../recover/rescue.ts";
import { type Scan, scan } from "../recover/scan.ts";
import type { Clone } from "./clone.ts";

export interface ScanInput {
  /** Hours back from now; null for everything that is still there. */
  readonly windowHours: number | null;
  readonly deep: boolean;
  /** Whether what is lost is kept from `git gc`. */
  readonly protect: boolean;
}

export interface ScanReport {
  readonly scan: Scan;
  /** When it looked, in seconds since 1970. */
  readonly now: number;
  /** What was kept from `git gc`; null when that was not asked for. */
  readonly rescue: { readonly ref: string; readonly added: readonly string[]; readonly tips: number } | null;
}

/** Looks for lost commits. Changes nothing in the clone, but for the one ref of `protect`. */
export async function scanLost(clone: Clone, input: ScanInput): Promise<ScanReport> {
  const started = clone.clock();
  const now = Math.floor(started.getTime() / 1000);
  clone.progress("Looking for orphaned commits …");
  const { windowHours, deep } = input;
  const found = await scan(clone.repository, { windowHours, deep, now });
  if (!input.protect) return { scan: found, now, rescue: null };
  const tips = found.stacks.map(({ tip }) => tip);
  const rescue = await protectCommits(clone.repository, tips, started);
  return { scan: found, now, rescue: { ...rescue, tips: tips.length } };
}

/** Brings commits back, each on a branch of its own. @throws BulkheadError as `recoverCommits` */
export function recoverLost(clone: Clone, names: readonly string[]): Promise<Recovery[]> {
  return recoverCommits(clone.repository, names, clone.clock());
}
