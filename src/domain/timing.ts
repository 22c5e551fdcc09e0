/** The product's clock constants, each in this one place (SQL, which repeats them, excepted). */

/** Seconds between two heartbeats of a session. */
export const HEARTBEAT_INTERVAL_SECONDS = 30;
/** A session whose last heartbeat is this old, in seconds, is stale: its claim can be taken over. */
export const STALE_AFTER_SECONDS = 300;
/** From this heartbeat age on, in seconds, a session's owner is warned. */
export const WARN_AFTER_SECONDS = 180;
/** Below this heartbeat age, in seconds, a session is shown as healthy. */
export const HEALTHY_BELOW_SECONDS = 60;
/** A heartbeat stops itself after this many failures in a row. */
export const MAX_HEARTBEAT_FAILURES = 3;
