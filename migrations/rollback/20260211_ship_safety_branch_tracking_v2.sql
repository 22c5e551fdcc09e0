-- Takes back 20260211_ship_safety_branch_tracking_v2.
-- Branches go back to where they came from, the sessions' metadata.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

DROP TRIGGER IF EXISTS bulkhead_log_branch ON claude_sessions;
DO $$
DECLARE
  v_function REGPROCEDURE;
BEGIN
  FOR v_function IN
    SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname IN (
      'bulkhead_log_branch', 'update_session_heartbeat_with_branch'
    )
  LOOP
    EXECUTE format('DROP FUNCTION %s', v_function);
  END LOOP;
END $$;

UPDATE claude_sessions SET metadata = metadata || jsonb_build_object('branch', current_branch)
WHERE current_branch IS NOT NULL;

DROP VIEW IF EXISTS v_active_sessions;
ALTER TABLE claude_sessions DROP COLUMN IF EXISTS current_branch;

CREATE VIEW v_active_sessions AS
SELECT session_id, repository, sd_id, claim_epoch, status, terminal_id, terminal_identity, machine_id, tty, pid,
  hostname, codebase, worktree, heartbeat_at, claimed_at, created_at, metadata,
  bulkhead_age_seconds(heartbeat_at) AS heartbeat_age_seconds,
  bulkhead_age_words(bulkhead_age_seconds(heartbeat_at)) AS heartbeat_age_human,
  GREATEST(0, bulkhead_stale_seconds() - bulkhead_age_seconds(heartbeat_at)) AS seconds_until_stale,
  CASE
    WHEN bulkhead_age_seconds(heartbeat_at) >= bulkhead_stale_seconds() THEN 'stale'
    WHEN sd_id IS NULL THEN 'idle'
    ELSE 'active'
  END AS computed_status
FROM claude_sessions
WHERE status <> 'released';

SELECT bulkhead_protect(ARRAY['v_active_sessions'], ARRAY[]::text[]);

DELETE FROM bulkhead_migrations WHERE name = '20260211_ship_safety_branch_tracking_v2';
COMMIT;
