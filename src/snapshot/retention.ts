import { BY_KEEPER, type Snapshot } from "./snapshot.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** How long snapshots are kept: up to an age, the newest of each span of time. */
const KEPT = [
  { age: HOUR, span: MINUTE },
  { age: DAY, span: HOUR },
  { age: 14 * DAY, span: DAY },
] as const;
/** How many snapshots of one hour are kept that somebody took with a purpose. */
const MAX_ON_PURPOSE = 120;

/**
 * Which snapshots of a ledger are kept: one a minute for an hour, one an hour for a day, one a day for two weeks, each time the
 * newest. Those taken with a purpose (asked for, before something destructive) count apart from the keeper's, and none of them
 * is dropped within the hour: what comes next in the same minute is just what they were taken against. Pure. One that comes
 * from a clock ahead of ours is kept.
 * @param snapshots the newest first
 */
export function keptSnapshots<S extends Pick<Snapshot, "at" | "cause">>(snapshots: readonly S[], now: Date): S[] {
  const spans = new Set<string>();
  let onPurpose = 0;
  return snapshots.filter(({ at, cause }) => {
    const time = Date.parse(at);
    const age = now.getTime() - time;
    const rule = KEPT.find((kept) => age <= kept.age);
    if (rule === undefined) return false;
    const byKeeper = cause === BY_KEEPER;
    if (!byKeeper && rule === KEPT[0]) return ++onPurpose <= MAX_ON_PURPOSE;
    const span = `${byKeeper} ${rule.span} ${Math.floor(time / rule.span)}`;
    if (age >= 0 && spans.has(span)) return false;
    spans.add(span);
    return true;
  });
}
