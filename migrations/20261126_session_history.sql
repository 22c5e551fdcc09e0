-- Acts are booked to the session that did them, wherever they happened, and what a clone's embedded store remembers comes
-- along when the clone moves in.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

-- Adds events to the log. An event names the session that did it, or else the worktree in which it happened: then the
-- session that was at work there. A switched branch is always that of the worktree's session.
CREATE OR REPLACE FUNCTION bulkhead_book_events(p_repository TEXT, p_events JSONB) RETURNS INTEGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET bulkhead.branch_logged = 'yes' AS $$
DECLARE
  v_event JSONB;
  v_at TIMESTAMPTZ;
  v_doer TEXT;
  v_here TEXT;
  v_new INTEGER := 0;
BEGIN
  FOR v_event IN SELECT * FROM jsonb_array_elements(p_events) LOOP
    v_at := COALESCE((v_event ->> 'at')::timestamptz, bulkhead_now());
    v_here := NULL;
    IF v_event ->> 'worktree' IS NOT NULL THEN
      SELECT session_id INTO v_here FROM claude_sessions
      WHERE repository = p_repository AND worktree = v_event ->> 'worktree'
        AND (v_event ->> 'machine_id' IS NULL OR machine_id = v_event ->> 'machine_id')
        AND created_at <= v_at AND (status <> 'released' OR released_at >= v_at)
      ORDER BY heartbeat_at DESC LIMIT 1;
    END IF;
    v_doer := COALESCE(v_event ->> 'session_id', v_here);
    INSERT INTO session_lifecycle_events (event_id, repository, session_id, event_type, event_data, occurred_at)
    VALUES (v_event ->> 'id', COALESCE((SELECT repository FROM claude_sessions WHERE session_id = v_doer), p_repository),
      v_doer, v_event ->> 'type', COALESCE(v_event -> 'data', '{}'), v_at)
    ON CONFLICT (event_id) WHERE event_id IS NOT NULL DO NOTHING;
    CONTINUE WHEN NOT FOUND;
    v_new := v_new + 1;
    IF v_event ->> 'type' = 'branch_changed' AND v_event -> 'data' ? 'to' THEN
      UPDATE claude_sessions SET current_branch = left(v_event -> 'data' ->> 'to', 255)
      WHERE session_id = CASE WHEN v_event ->> 'worktree' IS NULL THEN v_doer ELSE v_here END
        AND status <> 'released' AND heartbeat_at <= v_at;
    END IF;
  END LOOP;
  RETURN v_new;
END $$;
COMMENT ON FUNCTION bulkhead_book_events(TEXT, JSONB) IS
  'Adds events of a repository to the log, each booked to the session that did it. Returns how many were new.';

-- Events and handoffs as another store has them; what is here already stays as it is.
CREATE OR REPLACE FUNCTION bulkhead_import_history(p_repository TEXT, p_events JSONB, p_handoffs JSONB) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_events INTEGER;
  v_handoffs INTEGER;
BEGIN
  INSERT INTO session_lifecycle_events (event_id, repository, session_id, event_type, event_data, occurred_at)
  SELECT value ->> 'event_id', p_repository, value ->> 'session_id', value ->> 'event_type',
    COALESCE(value -> 'event_data', '{}'), (value ->> 'occurred_at')::timestamptz
  FROM jsonb_array_elements(p_events) WITH ORDINALITY AS rows (value, place) ORDER BY place
  ON CONFLICT (event_id) WHERE event_id IS NOT NULL DO NOTHING;
  GET DIAGNOSTICS v_events = ROW_COUNT;
  INSERT INTO sd_phase_handoffs (id, repository, sd_id, handoff_type, status, rejection_reason, session_id, created_at,
    resolved_at, resolution_type, resolution_notes)
  SELECT value ->> 'id', p_repository, value ->> 'sd_id', value ->> 'handoff_type', value ->> 'status',
    value ->> 'rejection_reason', value ->> 'session_id', (value ->> 'created_at')::timestamptz,
    (value ->> 'resolved_at')::timestamptz, value ->> 'resolution_type', value ->> 'resolution_notes'
  FROM jsonb_array_elements(p_handoffs)
  ON CONFLICT (id) DO NOTHING;
  GET DIAGNOSTICS v_handoffs = ROW_COUNT;
  RETURN jsonb_build_object('events', v_events, 'handoffs', v_handoffs);
END $$;
COMMENT ON FUNCTION bulkhead_import_history(TEXT, JSONB, JSONB) IS
  'Takes over events and handoffs of a repository from another store. Returns how many of each were new.';

SELECT bulkhead_protect(ARRAY[]::text[], ARRAY['bulkhead_book_events', 'bulkhead_import_history']);

INSERT INTO bulkhead_migrations (name) VALUES ('20261126_session_history') ON CONFLICT DO NOTHING;
COMMIT;
