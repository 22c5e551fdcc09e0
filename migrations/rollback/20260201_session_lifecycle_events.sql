-- Takes back 20260201_session_lifecycle_events.
-- A table that holds rows is kept: nothing is lost by going back.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

DROP TRIGGER IF EXISTS bulkhead_log_insert ON claude_sessions;
DROP TRIGGER IF EXISTS bulkhead_log_update ON claude_sessions;
DROP VIEW IF EXISTS v_session_metrics;
DO $$
DECLARE
  v_function REGPROCEDURE;
BEGIN
  FOR v_function IN
    SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname IN (
      'bulkhead_release_events', 'bulkhead_short_id', 'bulkhead_log_transition', 'bulkhead_clean_up',
      'cleanup_stale_sessions', 'bulkhead_metrics'
    )
  LOOP
    EXECUTE format('DROP FUNCTION %s', v_function);
  END LOOP;
END $$;

DROP POLICY IF EXISTS bulkhead_own_row ON session_lifecycle_events;
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM session_lifecycle_events) THEN
    DROP TABLE session_lifecycle_events;
  END IF;
END $$;

DELETE FROM bulkhead_migrations WHERE name = '20260201_session_lifecycle_events';
COMMIT;
