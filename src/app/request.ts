import type { WorkItemKey } from "../domain/names.ts";
import { requestItem } from "../session/ask.ts";
import { type SessionRow, sessionRow } from "../session/session-row.ts";
import type { Clone } from "./clone.ts";
import { ensureKeeper } from "./keeper.ts";
import { type OwnerInput, openWorkplace } from "./workplace.ts";

export interface RequestInput extends OwnerInput {
  readonly item: WorkItemKey;
  readonly message: string | null;
}

/** Who has been asked for an item. */
export interface RequestDocument {
  readonly sd_id: string;
  readonly asked: boolean;
  /** Null when this session holds the item itself. */
  readonly holder: SessionRow | null;
  /** This session, which the item can be handed over to; null where another one works in this worktree. */
  readonly session_id: string | null;
}

/** Asks the holder of an item for it. @throws BulkheadError as `requestItem` */
export async function request(clone: Clone, input: RequestInput): Promise<RequestDocument> {
  const place = await openWorkplace(clone, input);
  const { holder, asker } = await requestItem(place, input.item, input.message);
  if (asker !== null) await ensureKeeper(clone);
  return {
    sd_id: input.item,
    asked: holder !== null,
    holder: holder === null ? null : sessionRow(holder, place.owner),
    session_id: asker?.id ?? null,
  };
}
