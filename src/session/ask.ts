import { isLive } from "../domain/claim-rules.ts";
import { BulkheadError } from "../domain/error.ts";
import type { WorkItemKey } from "../domain/names.ts";
import type { Session } from "../domain/session.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { writeWorkers } from "../layout/worker-file.ts";
import { readKnownBranch } from "./observe-worktree.ts";
import { requireKnown } from "./release.ts";
import { deliverRequests } from "./requests.ts";
import { holderData } from "./session-row.ts";
import { findOwnSession } from "./start-policy.ts";
import type { Workplace } from "./workplace.ts";

export interface RequestReport {
  /** Who holds the item and has been asked; null when the one who asks holds it already. */
  readonly holder: Session | null;
  /** The session that asks, which the item can be handed over to; null where none could be registered here. */
  readonly asker: Session | null;
}

/**
 * Asks whoever holds an item for it. Who asks without a session gets an idle one, so that the claim can be handed over to it.
 * @throws BulkheadError `ITEM_NOT_CLAIMED`, `CLAIM_ABANDONED`: nobody is there to be asked
 */
export async function requestItem(place: Workplace, item: WorkItemKey, message: string | null): Promise<RequestReport> {
  const { sessions, gone, lives } = await place.look({ vouch: true });
  const own = findOwnSession(sessions, place.owner, place.topLevel);
  if (own?.item === item) return { holder: null, asker: own };
  const holder = sessions.find((session) => session.item === item);
  if (holder === undefined) {
    await requireKnown(place, item, sessions);
    throw new BulkheadError("ITEM_NOT_CLAIMED", { sd_id: item, known: true });
  }
  if (!isLive(holder, gone)) {
    throw new BulkheadError("CLAIM_ABANDONED", { sd_id: item, ...holderData(holder, lives.get(holder.id)) });
  }
  const taken = sessions.some((session) => session.worktree === place.topLevel && isLive(session, gone));
  const asker = own ?? (taken ? null : await registerIdle(place));
  const by = asker === null ? null : shortSessionId(asker.id);
  const asked = await place.store.requestClaim(item, { by, message });
  if (asked === null) throw new BulkheadError("ITEM_NOT_CLAIMED", { sd_id: item, known: true });
  if (asked.owner.machineId === place.owner.machineId) deliverRequests(asked);
  return { holder: asked, asker };
}

async function registerIdle(place: Workplace): Promise<Session> {
  const { store, owner, hostname, topLevel: worktree } = place;
  const codebase = await place.codebase();
  const branch = await readKnownBranch(place);
  const { session } = await store.register({ owner, hostname, worktree, branch, codebase });
  writeWorkers(place.gitDir, [session]);
  return session;
}
