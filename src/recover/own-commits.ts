import { DOCTOR_EMAIL } from "../domain/doctor-marker.ts";
import type { Commit } from "../domain/history.ts";

/** The ref that keeps lost commits from `git gc`. It does not count as holding them. */
export const RESCUE_REF = "refs/bulkhead/rescue";
/** Author of the commits behind it, which are nobody's work. */
export const RESCUE_EMAIL = "rescue@bulkhead.invalid";

/** Whether Bulkhead made the commit for its own ends. */
export function isOwnCommit({ authorEmail }: Commit): boolean {
  return authorEmail === DOCTOR_EMAIL || authorEmail === RESCUE_EMAIL;
}
