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
export type { ShipDocument } from "./ship/result.ts";
export type { ShippingContext } from "./ship/shipping-executor.ts";
export { ShippingExecutor } from "./shipping-executor.ts";
