/** Words that others have left with whoever holds an item, and how its holder gets to know them. */
import { statSync, utimesSync } from "node:fs";
import { typed } from "../domain/invocation.ts";
import type { Session } from "../domain/session.ts";
import { findWorktreePlace } from "../git/worktree-place.ts";
import { appendInforming } from "../layout/informing-log.ts";
import { addNotices } from "../layout/notice-file.ts";
import { worktreeLayout } from "../layout/paths.ts";
import { commonDirectoryOf, sharedFileMode } from "../layout/sharing.ts";

/** A request for the item that a session holds now. */
export interface PendingRequest {
  readonly sd_id: string;
  /** The session that asks, shortened; null for a person without one. */
  readonly by: string | null;
  readonly message: string | null;
  /** ISO 8601 */
  readonly at: string;
}

/** What is asked of a session for the claim that it has now. Pure. */
export function pendingRequests({ item, claimedAt, metadata }: Session): PendingRequest[] {
  const requests: unknown[] = Array.isArray(metadata.requests) ? metadata.requests : [];
  return requests.flatMap((entry) => {
    const { sd_id, by, message, at } = (entry ?? {}) as Record<string, unknown>;
    if (typeof at !== "string" || sd_id !== item || item === null) return [];
    if (claimedAt !== null && Date.parse(at) < Date.parse(claimedAt)) return [];
    const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
    return [{ sd_id: item, by: text(by), message: text(message), at: new Date(at).toISOString() }];
  });
}

/** A request in words, with what to type for it. */
export function describeRequest({ sd_id: item, by, message }: PendingRequest): string {
  const who = by === null ? "Somebody" : `Session ${by}`;
  const words = message === null ? "" : `: "${message}"`;
  const way = by === null ? typed("release") : typed(`release --to ${by.replace(/…$/, "")}`);
  return `${who} asks for ${item}${words}. Hand it over: ${way}`;
}

/**
 * Puts what is asked of a session where its next commit or command finds it, each request once. Only where its worktree
 * is on this machine; it only informs, and never throws.
 */
export function deliverRequests(session: Session): void {
  const requests = pendingRequests(session);
  if (requests.length === 0) return;
  const place = findWorktreePlace(session.worktree);
  if (place?.topLevel !== session.worktree) return;
  const { told } = worktreeLayout(place.gitDir);
  const until = statSync(told, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  // A file's time may come back a little less than it was set.
  const fresh = requests.filter(({ at }) => Date.parse(at) > until + 1);
  if (fresh.length === 0) return;
  const newest = Math.max(...fresh.map(({ at }) => Date.parse(at))) / 1000;
  try {
    appendInforming(told, ".", sharedFileMode(commonDirectoryOf(place.gitDir)));
    utimesSync(told, newest, newest);
  } catch {
    // Another user's: told twice is better than never.
  }
  addNotices(
    place.gitDir,
    fresh.map((request) => `bulkhead: ${describeRequest(request)}`),
  );
}
