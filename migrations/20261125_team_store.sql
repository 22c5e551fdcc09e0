-- What the program needs of a store that many clones share: each of its acts is one statement, and so one transaction
-- through any pooler. Functions named bulkhead_… answer with whole rows, for the program.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

-- Released sessions and old events, out of the way of the living.
CREATE TABLE IF NOT EXISTS bulkhead_archive (
  kind TEXT NOT NULL,
  content JSONB NOT NULL,
  archived_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE OR REPLACE FUNCTION update_session_heartbeats(p_beats JSONB)
RETURNS TABLE (session_id TEXT, outcome TEXT, heartbeat_at TIMESTAMPTZ)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH beats AS (
    SELECT DISTINCT ON (beat ->> 'session_id') beat ->> 'session_id' AS id, beat ? 'branch' AS tells, left(beat ->> 'branch', 255) AS branch
    FROM jsonb_array_elements(p_beats) AS beat
  ), locked AS MATERIALIZED (
    -- In the order of their ids: two batches can then not wait for each other.
    SELECT s.session_id FROM claude_sessions AS s
    WHERE s.session_id IN (SELECT id FROM beats) AND s.status <> 'released' ORDER BY s.session_id FOR NO KEY UPDATE
  ), beaten AS (
    UPDATE claude_sessions AS s
    SET heartbeat_at = bulkhead_now(), current_branch = CASE WHEN beats.tells THEN beats.branch ELSE s.current_branch END
    FROM beats, locked
    WHERE s.session_id = beats.id AND s.session_id = locked.session_id AND s.status <> 'released'
    RETURNING s.session_id, s.heartbeat_at
  )
  SELECT beats.id,
    CASE WHEN beaten.session_id IS NOT NULL THEN 'beaten'
      WHEN EXISTS (SELECT 1 FROM claude_sessions AS s WHERE s.session_id = beats.id) THEN 'session_released'
      ELSE 'session_not_found' END,
    beaten.heartbeat_at
  FROM beats LEFT JOIN beaten ON beaten.session_id = beats.id ORDER BY beats.id
$$;
COMMENT ON FUNCTION update_session_heartbeats(JSONB) IS
  'One heartbeat for each of many sessions: p_beats is [{session_id, branch}]; without the key branch the branch stays. Returns one row a session: session_id, outcome (beaten, session_not_found or session_released), heartbeat_at. Never revives a session that has ended.';

-- p_owner: {pid, pid_started_at, terminal_id, terminal_identity, tty}, where the conversation has moved; else NULL.
CREATE OR REPLACE FUNCTION bulkhead_heartbeat(p_session_id TEXT, p_branch TEXT, p_owner JSONB) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_beat JSONB := update_session_heartbeat_with_branch(p_session_id, p_branch);
  v_session claude_sessions;
BEGIN
  IF p_owner IS NOT NULL AND (v_beat ->> 'success')::boolean THEN
    UPDATE claude_sessions SET pid = (p_owner ->> 'pid')::integer, pid_started_at = p_owner ->> 'pid_started_at',
      terminal_id = p_owner ->> 'terminal_id', terminal_identity = p_owner ->> 'terminal_identity', tty = p_owner ->> 'tty'
    WHERE session_id = p_session_id;
  END IF;
  SELECT * INTO v_session FROM claude_sessions WHERE session_id = p_session_id;
  RETURN jsonb_build_object('kind', COALESCE(v_beat ->> 'error', 'beaten'), 'session', bulkhead_session_json(v_session));
END $$;

-- p_registration: the parameters of create_or_replace_session by their names, without p_.
CREATE OR REPLACE FUNCTION bulkhead_register(p_registration JSONB) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_made JSONB;
  v_session claude_sessions;
  v_conflict claude_sessions;
BEGIN
  v_made := create_or_replace_session(
    p_registration ->> 'session_id', p_registration ->> 'machine_id', p_registration ->> 'terminal_id',
    p_registration ->> 'tty', (p_registration ->> 'pid')::integer, p_registration ->> 'hostname',
    p_registration ->> 'codebase', p_registration -> 'metadata', p_registration ->> 'terminal_identity',
    p_registration ->> 'repository', p_registration ->> 'worktree', p_registration ->> 'branch',
    p_registration ->> 'agent_session', p_registration ->> 'pid_started_at');
  SELECT * INTO v_session FROM claude_sessions WHERE session_id = v_made ->> 'session_id';
  SELECT * INTO v_conflict FROM claude_sessions WHERE session_id = v_made ->> 'conflict_session_id';
  RETURN jsonb_build_object('session', bulkhead_session_json(v_session), 'replaced', v_made -> 'replaced',
    'conflict', bulkhead_session_json(v_conflict));
END $$;

-- Registers a session and gives it an item; neither happens unless both do.
CREATE OR REPLACE FUNCTION bulkhead_start(p_registration JSONB, p_sd_id TEXT, p_gone JSONB, p_share BOOLEAN) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_repository TEXT := p_registration ->> 'repository';
  v_other claude_sessions;
BEGIN
  SELECT * INTO v_other FROM claude_sessions WHERE repository = v_repository AND sd_id = p_sd_id AND status = 'active' LIMIT 1;
  IF FOUND AND bulkhead_take_over_reason(v_other, p_gone) IS NULL THEN
    RETURN jsonb_build_object('kind', 'already_claimed', 'holder', bulkhead_session_json(v_other));
  END IF;
  -- Of two that start in one worktree, or on one item, the second sees the first; items by name, also new ones.
  PERFORM pg_advisory_xact_lock(hashtextextended('bulkhead worktree ' || v_repository || ' ' || (p_registration ->> 'machine_id') || ' ' || (p_registration ->> 'worktree'), 0));
  INSERT INTO strategic_directives_v2 (repository, sd_key) VALUES (v_repository, p_sd_id) ON CONFLICT DO NOTHING;
  PERFORM bulkhead_lock_items(v_repository, ARRAY[p_sd_id]);
  SELECT * INTO v_other FROM claude_sessions WHERE repository = v_repository AND sd_id = p_sd_id AND status = 'active' LIMIT 1;
  IF FOUND AND bulkhead_take_over_reason(v_other, p_gone) IS NULL THEN
    RETURN jsonb_build_object('kind', 'already_claimed', 'holder', bulkhead_session_json(v_other));
  END IF;
  IF NOT p_share THEN
    SELECT s.* INTO v_other FROM claude_sessions AS s
    WHERE s.repository = v_repository AND s.status <> 'released' AND s.worktree = p_registration ->> 'worktree'
      AND s.machine_id IS NOT DISTINCT FROM p_registration ->> 'machine_id'
      AND bulkhead_take_over_reason(s, p_gone) IS NULL
    ORDER BY s.created_at, s.session_id LIMIT 1;
    IF FOUND THEN
      RETURN jsonb_build_object('kind', 'worktree_in_use', 'holder', bulkhead_session_json(v_other));
    END IF;
  END IF;
  RETURN bulkhead_claim(p_sd_id, bulkhead_register(p_registration) -> 'session' ->> 'session_id', p_gone);
END $$;

-- Gives the claim of one session to another of the same repository, in one step of the epoch.
-- p_only_sd: nothing happens unless that is the item held.
CREATE OR REPLACE FUNCTION bulkhead_hand_over(p_from TEXT, p_to TEXT, p_only_sd TEXT) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_seen claude_sessions;
  v_from claude_sessions;
  v_to claude_sessions;
BEGIN
  SELECT * INTO v_seen FROM claude_sessions WHERE session_id = p_from;
  SELECT * INTO v_to FROM claude_sessions WHERE session_id = p_to AND repository = v_seen.repository;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('kind', 'session_not_found');
  END IF;
  PERFORM bulkhead_lock_items(v_seen.repository, ARRAY[v_seen.sd_id, v_to.sd_id]);
  PERFORM 1 FROM claude_sessions WHERE session_id IN (p_from, p_to) ORDER BY session_id FOR NO KEY UPDATE;
  SELECT * INTO v_from FROM claude_sessions WHERE session_id = p_from;
  SELECT * INTO v_to FROM claude_sessions WHERE session_id = p_to;
  IF v_to.status = 'released' THEN
    RETURN jsonb_build_object('kind', 'session_released', 'session', bulkhead_session_json(v_to));
  ELSIF v_from.sd_id IS NULL OR v_from.sd_id IS DISTINCT FROM COALESCE(p_only_sd, v_from.sd_id) OR p_from = p_to THEN
    RETURN jsonb_build_object('kind', 'nothing_to_release', 'session', bulkhead_session_json(v_from));
  END IF;
  UPDATE claude_sessions SET status = 'idle', sd_id = NULL, released_at = bulkhead_now(), released_reason = 'manual'
  WHERE session_id = p_from;
  RETURN bulkhead_claim(v_from.sd_id, p_to, '[]');
END $$;

-- Leaves a word with whoever holds the item: its session keeps the last ten. NULL: nobody holds it.
CREATE OR REPLACE FUNCTION bulkhead_request(p_repository TEXT, p_sd_id TEXT, p_request JSONB) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_holder claude_sessions;
  v_asked JSONB;
BEGIN
  SELECT * INTO v_holder FROM claude_sessions
  WHERE repository = p_repository AND sd_id = p_sd_id AND status = 'active' FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  v_asked := COALESCE(v_holder.metadata -> 'requests', '[]') || jsonb_build_object('sd_id', p_sd_id, 'at', bulkhead_now()) || '[]';
  v_asked := jsonb_set(v_asked, '{-1}', v_asked -> -1 || p_request);
  IF jsonb_array_length(v_asked) > 10 THEN
    v_asked := v_asked - 0;
  END IF;
  UPDATE claude_sessions SET metadata = metadata || jsonb_build_object('requests', v_asked)
  WHERE session_id = v_holder.session_id RETURNING * INTO v_holder;
  RETURN bulkhead_session_json(v_holder);
END $$;

-- p_events: [{id, type, data, session_id, worktree, machine_id, at}]. An event finds its session by the worktree where no id
-- is given; a branch switch that is newer than the session's last heartbeat goes into the session's row too.
CREATE OR REPLACE FUNCTION bulkhead_record_events(p_repository TEXT, p_events JSONB) RETURNS INTEGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET bulkhead.branch_logged = 'yes' AS $$
DECLARE
  v_event JSONB;
  v_at TIMESTAMPTZ;
  v_session TEXT;
  v_new INTEGER := 0;
BEGIN
  FOR v_event IN SELECT * FROM jsonb_array_elements(p_events) LOOP
    v_at := COALESCE((v_event ->> 'at')::timestamptz, bulkhead_now());
    v_session := v_event ->> 'session_id';
    IF v_session IS NULL AND v_event ->> 'worktree' IS NOT NULL THEN
      SELECT session_id INTO v_session FROM claude_sessions
      WHERE repository = p_repository AND worktree = v_event ->> 'worktree'
        AND (v_event ->> 'machine_id' IS NULL OR machine_id = v_event ->> 'machine_id')
        AND created_at <= v_at AND (status <> 'released' OR released_at >= v_at)
      ORDER BY heartbeat_at DESC LIMIT 1;
    END IF;
    INSERT INTO session_lifecycle_events (event_id, repository, session_id, event_type, event_data, occurred_at)
    VALUES (v_event ->> 'id', COALESCE((SELECT repository FROM claude_sessions WHERE session_id = v_session), p_repository),
      v_session, v_event ->> 'type', COALESCE(v_event -> 'data', '{}'), v_at)
    ON CONFLICT (event_id) WHERE event_id IS NOT NULL DO NOTHING;
    CONTINUE WHEN NOT FOUND;
    v_new := v_new + 1;
    IF v_event ->> 'type' = 'branch_changed' AND v_event -> 'data' ? 'to' THEN
      UPDATE claude_sessions SET current_branch = left(v_event -> 'data' ->> 'to', 255)
      WHERE session_id = v_session AND status <> 'released' AND heartbeat_at <= v_at;
    END IF;
  END LOOP;
  RETURN v_new;
END $$;

-- Moves released sessions and events from before a time into the archive, at most p_limit of each: the number moved
-- tells whether there is more. p_repository: NULL for every one.
CREATE OR REPLACE FUNCTION bulkhead_prune(p_before TIMESTAMPTZ, p_limit INTEGER, p_repository TEXT) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_sessions INTEGER;
  v_events INTEGER;
BEGIN
  WITH old AS (
    SELECT session_id FROM claude_sessions WHERE status = 'released' AND released_at < p_before AND (p_repository IS NULL OR repository = p_repository)
    ORDER BY released_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM claude_sessions AS s USING old WHERE s.session_id = old.session_id RETURNING to_jsonb(s) AS content
  )
  INSERT INTO bulkhead_archive (kind, content) SELECT 'session', content FROM gone;
  GET DIAGNOSTICS v_sessions = ROW_COUNT;
  WITH old AS (
    SELECT id FROM session_lifecycle_events WHERE occurred_at < p_before AND (p_repository IS NULL OR repository = p_repository)
    ORDER BY occurred_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM session_lifecycle_events AS e USING old WHERE e.id = old.id RETURNING to_jsonb(e) AS content
  )
  INSERT INTO bulkhead_archive (kind, content) SELECT 'event', content FROM gone;
  GET DIAGNOSTICS v_events = ROW_COUNT;
  RETURN jsonb_build_object('sessions', v_sessions, 'events', v_events);
END $$;

-- Takes over what a clone's embedded store holds: sessions that live, with their claims and epochs. A session that is
-- here already is left alone; an item that a live session holds here stays with it, and the newcomer comes in idle.
-- p_sessions: rows with the columns' names; p_items: [{sd_key, claim_epoch}].
CREATE OR REPLACE FUNCTION bulkhead_import(p_repository TEXT, p_items JSONB, p_sessions JSONB) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_row JSONB;
  v_session claude_sessions;
  v_outcome JSONB;
  v_imported JSONB := '[]';
  v_refused JSONB := '[]';
BEGIN
  INSERT INTO strategic_directives_v2 AS item (repository, sd_key, claim_epoch)
  SELECT p_repository, value ->> 'sd_key', (value ->> 'claim_epoch')::bigint FROM jsonb_array_elements(p_items) ORDER BY 2
  ON CONFLICT (repository, sd_key) DO UPDATE SET claim_epoch = GREATEST(item.claim_epoch, EXCLUDED.claim_epoch);
  FOR v_row IN SELECT * FROM jsonb_array_elements(p_sessions) AS rows ORDER BY rows ->> 'sd_id' LOOP
    v_session := jsonb_populate_record(NULL::claude_sessions, v_row);
    CONTINUE WHEN EXISTS (SELECT 1 FROM claude_sessions WHERE session_id = v_session.session_id);
    INSERT INTO claude_sessions (session_id, repository, status, agent_session, terminal_id, terminal_identity, machine_id,
      tty, pid, pid_started_at, hostname, codebase, worktree, current_branch, heartbeat_at, created_at, metadata)
    VALUES (v_session.session_id, p_repository, 'idle', v_session.agent_session, v_session.terminal_id,
      v_session.terminal_identity, v_session.machine_id, v_session.tty, v_session.pid, v_session.pid_started_at,
      v_session.hostname, v_session.codebase, v_session.worktree, left(v_session.current_branch, 255),
      LEAST(v_session.heartbeat_at, bulkhead_now()), v_session.created_at, COALESCE(v_session.metadata, '{}'));
    v_imported := v_imported || to_jsonb(v_session.session_id);
    CONTINUE WHEN v_session.sd_id IS NULL;
    -- The claim's own epoch was the item's last: one step back, so that the claim here gets that number again.
    UPDATE strategic_directives_v2 SET claim_epoch = claim_epoch - 1
    WHERE repository = p_repository AND sd_key = v_session.sd_id AND claim_epoch = v_session.claim_epoch
      AND NOT EXISTS (SELECT 1 FROM claude_sessions WHERE repository = p_repository AND sd_id = v_session.sd_id AND status = 'active');
    v_outcome := bulkhead_claim(v_session.sd_id, v_session.session_id, '[]');
    IF v_outcome ->> 'kind' <> 'claimed' THEN
      v_refused := v_refused || jsonb_build_object('session_id', v_session.session_id, 'sd_id', v_session.sd_id,
        'holder', v_outcome -> 'holder');
    ELSE
      -- What a claim makes new is as old as it was.
      UPDATE claude_sessions SET heartbeat_at = LEAST(v_session.heartbeat_at, bulkhead_now()),
        claimed_at = LEAST(v_session.claimed_at, bulkhead_now())
      WHERE session_id = v_session.session_id;
    END IF;
  END LOOP;
  RETURN jsonb_build_object('imported', v_imported, 'refused', v_refused);
END $$;

SELECT bulkhead_protect(
  ARRAY['bulkhead_archive'],
  ARRAY['update_session_heartbeats', 'bulkhead_heartbeat', 'bulkhead_register', 'bulkhead_start', 'bulkhead_hand_over',
    'bulkhead_request', 'bulkhead_record_events', 'bulkhead_prune', 'bulkhead_import']
);

INSERT INTO bulkhead_migrations (name) VALUES ('20261125_team_store') ON CONFLICT DO NOTHING;
COMMIT;
