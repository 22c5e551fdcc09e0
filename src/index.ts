/** Public library API. */

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
} from "./app/heartbeat-timer.ts";
export { type ShippingContext, ShippingExecutor } from "./app/shipping-executor.ts";
export {
  type CreateWorktreeOptions,
  cleanupWorktree,
  createWorktree,
  listWorktrees,
  removeWorktree,
  resolveExpectedBranch,
  symlinkNodeModules,
  type WorktreeCall,
  type WorktreeName,
} from "./app/worktree-library.ts";
export { BulkheadError } from "./domain/error.ts";
export { type ConversationParty, isSameConversation } from "./domain/owner.ts";
export type { ShipDocument } from "./ship/result.ts";
