import type { SessionId } from "../domain/names.ts";
import { shortSessionId } from "../domain/session-health.ts";

/** A session's id as people see it, their own ones too. */
export function shortId({ session_id: id }: { readonly session_id: string }): string {
  return id.endsWith("…") ? id : shortSessionId(id as SessionId);
}
