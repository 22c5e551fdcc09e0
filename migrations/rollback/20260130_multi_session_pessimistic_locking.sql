-- Takes back 20260130_multi_session_pessimistic_locking.
-- A table that holds rows is kept: nothing is lost by going back.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

DROP VIEW IF EXISTS v_active_sessions;
DROP TRIGGER IF EXISTS sync_is_working_on_trigger ON claude_sessions;
DROP TRIGGER IF EXISTS bulkhead_sync_delete ON claude_sessions;
DROP TRIGGER IF EXISTS bulkhead_claim_rules_insert ON claude_sessions;
DROP TRIGGER IF EXISTS bulkhead_claim_rules_update ON claude_sessions;
DROP POLICY IF EXISTS bulkhead_own_row ON claude_sessions;
DO $$
DECLARE
  v_function REGPROCEDURE;
BEGIN
  FOR v_function IN
    SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname IN (
      'bulkhead_now', 'bulkhead_stale_seconds', 'bulkhead_age_seconds', 'bulkhead_age_words',
      'bulkhead_session_json', 'bulkhead_own_session', 'bulkhead_protect', 'bulkhead_keep_claim_rules',
      'bulkhead_free_item', 'sync_is_working_on_with_session', 'bulkhead_sync_entry', 'bulkhead_lock_items',
      'bulkhead_take_over_reason', 'bulkhead_claim', 'bulkhead_let_go', 'claim_sd', 'release_sd',
      'release_session', 'update_session_heartbeat'
    )
  LOOP
    EXECUTE format('DROP FUNCTION %s', v_function);
  END LOOP;
END $$;

DROP INDEX IF EXISTS idx_claude_sessions_unique_active_claim;
DROP INDEX IF EXISTS idx_claude_sessions_live;
DROP INDEX IF EXISTS idx_claude_sessions_created;
DROP INDEX IF EXISTS idx_claude_sessions_released;
DROP INDEX IF EXISTS idx_strategic_directives_v2_item;

DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM sd_phase_handoffs) THEN
    DROP TABLE sd_phase_handoffs;
  END IF;
END $$;
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM claude_sessions) THEN
    DROP TABLE claude_sessions;
  END IF;
END $$;
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM strategic_directives_v2) THEN
    DROP TABLE strategic_directives_v2;
  END IF;
END $$;

DELETE FROM bulkhead_migrations WHERE name = '20260130_multi_session_pessimistic_locking';
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM bulkhead_migrations) THEN
    DROP TABLE bulkhead_migrations;
  END IF;
END $$;
COMMIT;
