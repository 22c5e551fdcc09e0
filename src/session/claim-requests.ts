/** What others ask of whoever holds an item: told at the holder's next command, and at its next commit. */
import type { Session } from "../domain/session.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { readText } from "../files/read-file.ts";
import { worktreeLayout } from "../layout/paths.ts";

export interface ClaimRequestView {
  readonly sd_id: string;
  /** ISO 8601 */
  readonly at: string;
  /** The session that asks, shortened; null for a person without one. */
  readonly by: string | null;
  readonly message: string | null;
}

/** What was asked of a session about the item that it holds now, the oldest first. Rows of other shapes are left out. */
export function openRequests({ item, claimedAt, metadata }: Session): ClaimRequestView[] {
  const all: unknown[] = Array.isArray(metadata.requests) ? metadata.requests : [];
  return all.flatMap((one) => {
    const { sd_id, at, by, message } = (one ?? {}) as Record<string, unknown>;
    if (sd_id !== item || typeof sd_id !== "string" || typeof at !== "string") return [];
    if (claimedAt !== null && Date.parse(at) < Date.parse(claimedAt)) return [];
    const text = (value: unknown) => (typeof value === "string" ? value : null);
    return [{ sd_id, at, by: text(by), message: text(message) }];
  });
}

/** One request as a line for its holder. */
export function describeRequest({ sd_id, by, message }: ClaimRequestView): string {
  const said = message === null ? "" : `: ${message}`;
  return `${by === null ? "Somebody" : `Session ${by}`} asks for ${sd_id}${said}`;
}

/** Requests that have not been put into the worktree's session file yet; they count as put there from now on. */
export function newRequests(gitDir: string, holder: Session): string[] {
  const requests = openRequests(holder);
  const newest = requests.at(-1)?.at;
  if (newest === undefined) return [];
  const { requestsTold } = worktreeLayout(gitDir);
  const told = (readText(requestsTold) ?? "").trim();
  const fresh = requests.filter(({ at }) => told === "" || Date.parse(at) > Date.parse(told));
  if (fresh.length > 0) writeFileAtomically(requestsTold, `${newest}\n`);
  return fresh.map(describeRequest);
}
