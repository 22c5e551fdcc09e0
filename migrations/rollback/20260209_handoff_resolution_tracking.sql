-- Takes back 20260209_handoff_resolution_tracking.
-- Columns that hold a resolution are kept: nothing is lost by going back.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

DROP INDEX IF EXISTS idx_sd_phase_handoffs_unresolved;
ALTER TABLE sd_phase_handoffs DROP CONSTRAINT IF EXISTS sd_phase_handoffs_resolution_type_check;
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM sd_phase_handoffs WHERE COALESCE(resolved_at::text, resolution_type, resolution_notes) IS NOT NULL) THEN
    ALTER TABLE sd_phase_handoffs DROP COLUMN resolved_at, DROP COLUMN resolution_type, DROP COLUMN resolution_notes;
  END IF;
END $$;

DELETE FROM bulkhead_migrations WHERE name = '20260209_handoff_resolution_tracking';
COMMIT;
