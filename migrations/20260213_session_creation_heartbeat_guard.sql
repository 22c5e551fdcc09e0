-- A new session at a terminal never takes the claim of a session there that is alive.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

CREATE INDEX IF NOT EXISTS idx_claude_sessions_terminal
  ON claude_sessions (terminal_identity) WHERE status <> 'released';

-- Whether both rows are one owner: the same agent session or, where neither has one, the same process of the same
-- machine; where neither has either, the same terminal. What is not known never counts as the same.
CREATE OR REPLACE FUNCTION bulkhead_same_owner(a claude_sessions, b claude_sessions) RETURNS BOOLEAN
LANGUAGE sql IMMUTABLE AS $$
  SELECT COALESCE(CASE
    WHEN NULLIF(a.agent_session, '') IS NOT NULL OR NULLIF(b.agent_session, '') IS NOT NULL
      THEN a.agent_session = b.agent_session
    WHEN a.pid IS NULL AND b.pid IS NULL THEN a.terminal_identity = b.terminal_identity
    ELSE a.machine_id = b.machine_id AND a.pid = b.pid AND a.pid_started_at = b.pid_started_at
  END, false)
$$;

CREATE OR REPLACE FUNCTION create_or_replace_session(
  p_session_id TEXT,
  p_machine_id TEXT DEFAULT NULL,
  p_terminal_id TEXT DEFAULT NULL,
  p_tty TEXT DEFAULT NULL,
  p_pid INTEGER DEFAULT NULL,
  p_hostname TEXT DEFAULT NULL,
  p_codebase TEXT DEFAULT NULL,
  p_metadata JSONB DEFAULT '{}',
  p_terminal_identity TEXT DEFAULT NULL,
  p_repository TEXT DEFAULT '',
  p_worktree TEXT DEFAULT NULL,
  p_branch TEXT DEFAULT NULL,
  p_agent_session TEXT DEFAULT NULL,
  p_pid_started_at TEXT DEFAULT NULL
) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_new claude_sessions;
  v_other claude_sessions;
  v_heartbeat_age INTEGER;
  v_conflict JSONB := '{}';
  v_replaced JSONB := '[]';
BEGIN
  v_new.session_id := COALESCE(p_session_id, 'session_' || gen_random_uuid());
  v_new.repository := COALESCE(p_repository, '');
  v_new.agent_session := p_agent_session;
  v_new.machine_id := p_machine_id;
  v_new.terminal_identity := COALESCE(p_terminal_identity, p_machine_id || ':' || p_terminal_id, p_terminal_id);
  v_new.pid := p_pid;
  v_new.pid_started_at := p_pid_started_at;
  -- Of two that register at one terminal at once, the second sees the first.
  PERFORM pg_advisory_xact_lock(hashtextextended('bulkhead terminal ' || COALESCE(v_new.terminal_identity, ''), 0));
  IF EXISTS (SELECT 1 FROM claude_sessions WHERE session_id = v_new.session_id) THEN
    RETURN jsonb_build_object('success', false, 'error', 'session_exists', 'session_id', v_new.session_id);
  END IF;

  -- Without a terminal device a parent process stands for the terminal: no two owners share that.
  IF p_terminal_id IS NULL OR p_terminal_id NOT LIKE 'win-ppid-%' THEN
    FOR v_other IN
      SELECT * FROM claude_sessions
      WHERE terminal_identity = v_new.terminal_identity AND status <> 'released' AND repository = v_new.repository
        AND (terminal_id IS NULL OR terminal_id NOT LIKE 'win-ppid-%')
      ORDER BY created_at, session_id
    LOOP
      v_heartbeat_age := bulkhead_age_seconds(v_other.heartbeat_at);
      IF v_heartbeat_age < 300 THEN
        IF v_conflict = '{}' AND NOT bulkhead_same_owner(v_other, v_new) THEN
          v_conflict := jsonb_build_object('conflict', true, 'conflict_session_id', v_other.session_id,
            'conflict_sd_id', v_other.sd_id, 'conflict_heartbeat_age_seconds', v_heartbeat_age);
        END IF;
      ELSE
        PERFORM bulkhead_let_go(v_other.session_id, 'new_session_same_terminal', true, NULL);
        v_replaced := v_replaced || to_jsonb(v_other.session_id);
      END IF;
    END LOOP;
  END IF;

  INSERT INTO claude_sessions (session_id, repository, status, agent_session, terminal_id, terminal_identity, machine_id,
    tty, pid, pid_started_at, hostname, codebase, worktree, current_branch, heartbeat_at, created_at, metadata)
  VALUES (v_new.session_id, v_new.repository, 'idle', p_agent_session, p_terminal_id, v_new.terminal_identity, p_machine_id,
    p_tty, p_pid, p_pid_started_at, p_hostname, p_codebase, p_worktree, left(p_branch, 255), bulkhead_now(), bulkhead_now(),
    COALESCE(p_metadata, '{}') || v_conflict);
  RETURN jsonb_build_object('success', true, 'session_id', v_new.session_id, 'terminal_identity', v_new.terminal_identity,
    'auto_released', jsonb_array_length(v_replaced) > 0, 'previous_session_id', v_replaced -> 0, 'replaced', v_replaced)
    || v_conflict;
END $$;
COMMENT ON FUNCTION create_or_replace_session(
  TEXT, TEXT, TEXT, TEXT, INTEGER, TEXT, TEXT, JSONB, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT
) IS
  'Adds an idle session at a terminal (p_terminal_identity, or else p_machine_id and p_terminal_id); p_session_id NULL makes an id, p_pid and p_pid_started_at name the process whose life is the session''s. A session of another owner there whose heartbeat is younger than 300 s stays: conflict, conflict_session_id, conflict_sd_id and conflict_heartbeat_age_seconds are returned and kept in the new row''s metadata. Older ones end (new_session_same_terminal). Returns success, session_id, terminal_identity, auto_released, previous_session_id; or success false with error session_exists.';

SELECT bulkhead_protect(ARRAY[]::text[], ARRAY['bulkhead_same_owner', 'create_or_replace_session']);

INSERT INTO bulkhead_migrations (name) VALUES ('20260213_session_creation_heartbeat_guard') ON CONFLICT DO NOTHING;
COMMIT;
