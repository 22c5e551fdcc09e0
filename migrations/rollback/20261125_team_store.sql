-- Takes back 20261125_team_store.
-- A table that holds rows is kept: nothing is lost by going back.

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
      'update_session_heartbeats', 'bulkhead_heartbeat', 'bulkhead_register', 'bulkhead_start',
      'bulkhead_hand_over', 'bulkhead_request', 'bulkhead_record_events', 'bulkhead_prune',
      'bulkhead_import'
    )
  LOOP
    EXECUTE format('DROP FUNCTION %s', v_function);
  END LOOP;
END $$;

DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM bulkhead_archive) THEN
    DROP TABLE bulkhead_archive;
  END IF;
END $$;

DELETE FROM bulkhead_migrations WHERE name = '20261125_team_store';
COMMIT;
