/** Watches over the guard itself: tools switch hooks off behind our back. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { appendEvent } from "../layout/event-spool.ts";
import { type Arming, ensureArmed } from "./arming.ts";
import { type Clone, inClone } from "./clone.ts";
import { livingWorktrees } from "./snapshot.ts";

/** A worktree in which git did not run the guard. */
export interface Disarmed extends Arming {
  readonly worktree: string;
}

/** When the files that decide which hooks run were last written, by worktree. */
export type SeenTimes = Map<string, string>;

/**
 * Asks git in every worktree which hooks it would run, and arms the guard again where it is ours to; the rest is told. Each
 * case is an event.
 * @param seen worktrees whose files have not been written since are passed over; without it all are asked
 */
export async function watchGuard(clone: Clone, seen: SeenTimes | null = null): Promise<Disarmed[]> {
  const { commonDir } = clone.repository;
  const found: Disarmed[] = [];
  for (const { path, gitDir } of await livingWorktrees(clone)) {
    const times = [join(commonDir, "config"), join(gitDir, "config.worktree")].map(writtenAt).join(" ");
    if (seen?.get(path) === times) continue;
    const arming = await inClone({ directory: path, env: clone.env, signal: clone.signal }, ensureArmed);
    // Arming again writes these files itself.
    if (arming.state !== "rearmed") seen?.set(path, times);
    if (arming.state !== "rearmed" && arming.state !== "off") continue;
    found.push({ worktree: path, ...arming });
    const data = { because: arming.because, rearmed: arming.state === "rearmed" };
    appendEvent(commonDir, { type: "guard_disarmed", at: clone.clock().toISOString(), worktree: path, data });
  }
  return found;
}

function writtenAt(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? "-" : `${stat.mtimeNs} ${stat.ino} ${stat.size}`;
}
