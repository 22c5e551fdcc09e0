-- The branch that each session's worktree is on.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

ALTER TABLE claude_sessions ADD COLUMN IF NOT EXISTS current_branch VARCHAR(255);

UPDATE claude_sessions SET current_branch = left(metadata ->> 'branch', 255)
WHERE current_branch IS NULL AND metadata ->> 'branch' IS NOT NULL;

-- A branch changes seldom: heartbeats that tell the same one again stay in place.
CREATE INDEX IF NOT EXISTS idx_claude_sessions_current_branch
  ON claude_sessions (sd_id, current_branch) WHERE status <> 'released';

-- bulkhead.branch_logged: set where the event was told by somebody else already.
CREATE OR REPLACE FUNCTION bulkhead_log_branch() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF COALESCE(current_setting('bulkhead.branch_logged', true), '') <> 'yes' THEN
    INSERT INTO session_lifecycle_events (repository, session_id, event_type, event_data, occurred_at)
    VALUES (NEW.repository, NEW.session_id, 'branch_changed',
      jsonb_build_object('from', OLD.current_branch, 'to', NEW.current_branch), bulkhead_now());
  END IF;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS bulkhead_log_branch ON claude_sessions;
CREATE TRIGGER bulkhead_log_branch AFTER UPDATE ON claude_sessions
  FOR EACH ROW WHEN (OLD.current_branch IS DISTINCT FROM NEW.current_branch) EXECUTE FUNCTION bulkhead_log_branch();

CREATE OR REPLACE FUNCTION update_session_heartbeat_with_branch(p_session_id TEXT, p_branch TEXT) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_at TIMESTAMPTZ;
BEGIN
  UPDATE claude_sessions SET heartbeat_at = bulkhead_now(), current_branch = left(p_branch, 255)
  WHERE session_id = p_session_id AND status <> 'released' RETURNING heartbeat_at INTO v_at;
  IF FOUND THEN
    RETURN jsonb_build_object('success', true, 'session_id', p_session_id, 'heartbeat_at', v_at, 'current_branch', left(p_branch, 255));
  END IF;
  RETURN jsonb_build_object('success', false, 'session_id', p_session_id, 'error',
    CASE WHEN EXISTS (SELECT 1 FROM claude_sessions WHERE session_id = p_session_id)
      THEN 'session_released' ELSE 'session_not_found' END);
END $$;
COMMENT ON FUNCTION update_session_heartbeat_with_branch(TEXT, TEXT) IS
  'Notes that the session p_session_id is alive and on the branch p_branch (NULL: detached or unknown; longer ones are cut at 255 characters). Never revives a session that has ended. Returns success, heartbeat_at, current_branch; or success false with error session_not_found or session_released.';

-- Columns of a view can only be added at its end; run again, this step leaves those of later steps alone.
DO $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = 'v_active_sessions' AND column_name = 'current_branch'
  ) THEN
    CREATE OR REPLACE VIEW v_active_sessions AS
    SELECT session_id, repository, sd_id, claim_epoch, status, terminal_id, terminal_identity, machine_id, tty, pid,
      hostname, codebase, worktree, heartbeat_at, claimed_at, created_at, metadata,
      bulkhead_age_seconds(heartbeat_at) AS heartbeat_age_seconds,
      bulkhead_age_words(bulkhead_age_seconds(heartbeat_at)) AS heartbeat_age_human,
      GREATEST(0, bulkhead_stale_seconds() - bulkhead_age_seconds(heartbeat_at)) AS seconds_until_stale,
      CASE
        WHEN bulkhead_age_seconds(heartbeat_at) >= bulkhead_stale_seconds() THEN 'stale'
        WHEN sd_id IS NULL THEN 'idle'
        ELSE 'active'
      END AS computed_status,
      current_branch
    FROM claude_sessions
    WHERE status <> 'released';
  END IF;
END $$;

SELECT bulkhead_protect(
  ARRAY['v_active_sessions'], ARRAY['bulkhead_log_branch', 'update_session_heartbeat_with_branch']
);

INSERT INTO bulkhead_migrations (name) VALUES ('20260211_ship_safety_branch_tracking_v2') ON CONFLICT DO NOTHING;
COMMIT;
