-- Handoffs of a work item from one phase to the next, and how failed ones were resolved.
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

CREATE INDEX idx_sd_phase_handoffs_unresolved
  ON sd_phase_handoffs (sd_id, handoff_type, status) WHERE resolved_at IS NULL;
