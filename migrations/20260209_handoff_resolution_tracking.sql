-- How a failed handoff was resolved, so that it does not block its item for ever.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

ALTER TABLE sd_phase_handoffs
  ADD COLUMN IF NOT EXISTS resolved_at TIMESTAMPTZ,
  ADD COLUMN IF NOT EXISTS resolution_type TEXT,
  ADD COLUMN IF NOT EXISTS resolution_notes TEXT;

ALTER TABLE sd_phase_handoffs DROP CONSTRAINT IF EXISTS sd_phase_handoffs_resolution_type_check;
ALTER TABLE sd_phase_handoffs ADD CONSTRAINT sd_phase_handoffs_resolution_type_check CHECK (
  resolution_type IN ('retry_succeeded', 'obsolete', 'escalated_to_sd', 'manual_override')
) NOT VALID;

-- Partial index for efficient unresolved-only queries
CREATE INDEX IF NOT EXISTS idx_sd_phase_handoffs_unresolved
  ON sd_phase_handoffs (sd_id, handoff_type, status) WHERE resolved_at IS NULL;

SELECT bulkhead_protect(ARRAY['sd_phase_handoffs'], ARRAY[]::text[]);

INSERT INTO bulkhead_migrations (name) VALUES ('20260209_handoff_resolution_tracking') ON CONFLICT DO NOTHING;
COMMIT;
