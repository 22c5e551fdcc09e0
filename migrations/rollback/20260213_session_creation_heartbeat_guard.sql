-- Takes back 20260213_session_creation_heartbeat_guard.
-- Sessions stay.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

DO $$
DECLARE
  v_function REGPROCEDURE;
BEGIN
  FOR v_function IN
    SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname IN (
      'bulkhead_same_owner', 'create_or_replace_session'
    )
  LOOP
    EXECUTE format('DROP FUNCTION %s', v_function);
  END LOOP;
END $$;

DROP INDEX IF EXISTS idx_claude_sessions_terminal;

DELETE FROM bulkhead_migrations WHERE name = '20260213_session_creation_heartbeat_guard';
COMMIT;
