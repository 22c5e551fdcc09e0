/** Public library API. */
export { BulkheadError } from "./domain/error.ts";
export { type ConversationParty, isSameConversation } from "./domain/owner.ts";
export {
  type ForcedHeartbeatResult,
  forceHeartbeat,
  getHeartbeatStats,
  type HeartbeatOptions,
  type HeartbeatResult,
  type HeartbeatStats,
  isHeartbeatActive,
  startHeartbeat,
  stopHeartbeat,
} from "./session/heartbeat.ts";
