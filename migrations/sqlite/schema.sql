CREATE TABLE bulkhead_archive (
  kind TEXT NOT NULL CHECK (kind IN ('session', 'event')),
  content TEXT NOT NULL CHECK (json_valid(content)),
  archived_at TEXT NOT NULL
) STRICT;

CREATE TABLE bulkhead_freezes (
  repository TEXT NOT NULL,
  base TEXT NOT NULL,
  frozen_by TEXT NOT NULL,
  host TEXT NOT NULL,
  reason TEXT NOT NULL,
  frozen_at TEXT NOT NULL,
  frozen_until TEXT,
  PRIMARY KEY (repository, base)
) STRICT;

CREATE TABLE bulkhead_migrations (
  name TEXT NOT NULL PRIMARY KEY,
  checksum TEXT NOT NULL,
  applied_at TEXT NOT NULL
) STRICT;

CREATE TABLE claude_sessions (
  session_id TEXT NOT NULL PRIMARY KEY,
  repository TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'idle', 'released')),
  sd_id TEXT,
  claim_epoch INTEGER,
  agent_session TEXT,
  terminal_id TEXT NOT NULL,
  terminal_identity TEXT NOT NULL,
  machine_id TEXT NOT NULL,
  tty TEXT,
  pid INTEGER,
  pid_started_at TEXT,
  hostname TEXT NOT NULL,
  codebase TEXT NOT NULL,
  worktree TEXT NOT NULL,
  current_branch TEXT,
  heartbeat_at TEXT NOT NULL,
  claimed_at TEXT,
  created_at TEXT NOT NULL,
  released_at TEXT,
  released_reason TEXT CHECK (
    released_reason IN (
      'graceful_exit', 'manual', 'stale_cleanup', 'new_session_same_terminal', 'process_exit', 'claim_switch'
    )
  ),
  metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
  -- A claim is an item, its epoch and the status that says so: never one without the others.
  CHECK ((status = 'active') = (sd_id IS NOT NULL)),
  CHECK ((sd_id IS NULL) = (claim_epoch IS NULL)),
  CHECK (status <> 'released' OR released_at IS NOT NULL)
) STRICT;

CREATE TABLE sd_phase_handoffs (
  id TEXT NOT NULL PRIMARY KEY,
  repository TEXT NOT NULL,
  sd_id TEXT NOT NULL,
  handoff_type TEXT NOT NULL,
  status TEXT NOT NULL,
  rejection_reason TEXT,
  session_id TEXT,
  created_at TEXT NOT NULL,
  resolved_at TEXT,
  resolution_type TEXT CHECK (
    resolution_type IN ('retry_succeeded', 'obsolete', 'escalated_to_sd', 'manual_override')
  ),
  resolution_notes TEXT
) STRICT;

CREATE TABLE session_lifecycle_events (
  id INTEGER PRIMARY KEY,
  event_id TEXT UNIQUE,
  repository TEXT NOT NULL,
  session_id TEXT,
  event_type TEXT NOT NULL,
  event_data TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(event_data)),
  occurred_at TEXT NOT NULL
) STRICT;

CREATE TABLE strategic_directives_v2 (
  sd_key TEXT NOT NULL PRIMARY KEY,
  repository TEXT NOT NULL,
  is_working_on INTEGER NOT NULL DEFAULT 0 CHECK (is_working_on IN (0, 1)),
  active_session_id TEXT,
  claim_epoch INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX idx_claude_sessions_live ON claude_sessions (heartbeat_at) WHERE status <> 'released';

CREATE INDEX idx_claude_sessions_released ON claude_sessions (released_at) WHERE status = 'released';

CREATE UNIQUE INDEX idx_claude_sessions_unique_active_claim
  ON claude_sessions (sd_id) WHERE sd_id IS NOT NULL AND status = 'active';

CREATE INDEX idx_sd_phase_handoffs_unresolved
  ON sd_phase_handoffs (sd_id, handoff_type, status) WHERE resolved_at IS NULL;

CREATE INDEX idx_session_lifecycle_events_session ON session_lifecycle_events (session_id, occurred_at);

CREATE INDEX idx_session_lifecycle_events_time ON session_lifecycle_events (occurred_at);
