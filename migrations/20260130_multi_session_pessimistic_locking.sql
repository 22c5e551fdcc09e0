-- Sessions, work items, and the claim of one item by one session.
--
-- Runs by `bulkhead db migrate`, by psql < file, or pasted into a console, and may be run again at any time: it makes
-- what is missing and keeps every row. Tables that were there before Bulkhead get the columns that they lack.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

-- Which steps were done. A step that was run by hand has no checksum until `bulkhead db migrate` adds it.
CREATE TABLE IF NOT EXISTS bulkhead_migrations (
  name TEXT PRIMARY KEY,
  checksum TEXT,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- Heartbeats change a row every 30 seconds: room in each page, and no index on what they change, keep them in place.
CREATE TABLE IF NOT EXISTS claude_sessions (session_id TEXT PRIMARY KEY) WITH (fillfactor = 60);

ALTER TABLE claude_sessions
  ADD COLUMN IF NOT EXISTS repository TEXT NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS sd_id TEXT,
  ADD COLUMN IF NOT EXISTS claim_epoch BIGINT,
  ADD COLUMN IF NOT EXISTS status TEXT NOT NULL DEFAULT 'active'
    CONSTRAINT claude_sessions_status_check CHECK (status IN ('active', 'idle', 'released')),
  ADD COLUMN IF NOT EXISTS agent_session TEXT,
  ADD COLUMN IF NOT EXISTS terminal_id TEXT,
  ADD COLUMN IF NOT EXISTS terminal_identity TEXT,
  ADD COLUMN IF NOT EXISTS machine_id TEXT,
  ADD COLUMN IF NOT EXISTS tty TEXT,
  ADD COLUMN IF NOT EXISTS pid INTEGER,
  ADD COLUMN IF NOT EXISTS pid_started_at TEXT,
  ADD COLUMN IF NOT EXISTS hostname TEXT,
  ADD COLUMN IF NOT EXISTS codebase TEXT,
  ADD COLUMN IF NOT EXISTS worktree TEXT,
  ADD COLUMN IF NOT EXISTS heartbeat_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS claimed_at TIMESTAMPTZ,
  ADD COLUMN IF NOT EXISTS created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS released_at TIMESTAMPTZ,
  ADD COLUMN IF NOT EXISTS released_reason TEXT,
  ADD COLUMN IF NOT EXISTS metadata JSONB NOT NULL DEFAULT '{}';

-- The epoch counts the claims that an item has ever had, so a row is never deleted.
CREATE TABLE IF NOT EXISTS strategic_directives_v2 (sd_key TEXT NOT NULL) WITH (fillfactor = 60);

ALTER TABLE strategic_directives_v2
  ADD COLUMN IF NOT EXISTS repository TEXT NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS is_working_on BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS active_session_id TEXT,
  ADD COLUMN IF NOT EXISTS claim_epoch BIGINT NOT NULL DEFAULT 0;

CREATE TABLE IF NOT EXISTS sd_phase_handoffs (id TEXT PRIMARY KEY DEFAULT gen_random_uuid()::text);

ALTER TABLE sd_phase_handoffs
  ADD COLUMN IF NOT EXISTS repository TEXT NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS sd_id TEXT,
  ADD COLUMN IF NOT EXISTS handoff_type TEXT,
  ADD COLUMN IF NOT EXISTS status TEXT,
  ADD COLUMN IF NOT EXISTS rejection_reason TEXT,
  ADD COLUMN IF NOT EXISTS session_id TEXT,
  ADD COLUMN IF NOT EXISTS metadata JSONB NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS created_at TIMESTAMPTZ NOT NULL DEFAULT now();

-- One active claim of an item in a repository, whatever races.
CREATE UNIQUE INDEX IF NOT EXISTS idx_claude_sessions_unique_active_claim
  ON claude_sessions (repository, sd_id) WHERE sd_id IS NOT NULL AND status = 'active';

-- The few sessions that have not ended, without reading the many that have.
CREATE INDEX IF NOT EXISTS idx_claude_sessions_live ON claude_sessions (repository, session_id) WHERE status <> 'released';
CREATE INDEX IF NOT EXISTS idx_claude_sessions_created ON claude_sessions (created_at);
CREATE INDEX IF NOT EXISTS idx_claude_sessions_released ON claude_sessions (released_at) WHERE status = 'released';
CREATE UNIQUE INDEX IF NOT EXISTS idx_strategic_directives_v2_item ON strategic_directives_v2 (repository, sd_key);

-- The store's clock, the one place that asks it.
CREATE OR REPLACE FUNCTION bulkhead_now() RETURNS TIMESTAMPTZ
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT now() $$;

CREATE OR REPLACE FUNCTION bulkhead_stale_seconds() RETURNS INTEGER
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 300 $$;

-- Whole seconds since a heartbeat. A clock that was set back makes heartbeats of the future: as fresh as can be.
CREATE OR REPLACE FUNCTION bulkhead_age_seconds(p_heartbeat_at TIMESTAMPTZ) RETURNS INTEGER
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT GREATEST(0, FLOOR(EXTRACT(EPOCH FROM bulkhead_now() - p_heartbeat_at)))::integer
$$;

CREATE OR REPLACE FUNCTION bulkhead_age_words(p_seconds INTEGER) RETURNS TEXT
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN p_seconds < 60 THEN p_seconds || 's ago'
    WHEN p_seconds < 3600 THEN p_seconds / 60 || 'm ago'
    WHEN p_seconds < 86400 THEN p_seconds / 3600 || 'h ago'
    ELSE p_seconds / 86400 || 'd ago'
  END
$$;

-- A session's row as the program reads it.
CREATE OR REPLACE FUNCTION bulkhead_session_json(p_session claude_sessions) RETURNS JSONB
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p_session.session_id IS NOT NULL THEN
    to_jsonb(p_session) || jsonb_build_object('heartbeat_age_seconds', bulkhead_age_seconds(p_session.heartbeat_at)) END
$$;

-- The session that the present connection says it is, for row level security.
CREATE OR REPLACE FUNCTION bulkhead_own_session() RETURNS TEXT
LANGUAGE sql STABLE AS $$ SELECT NULLIF(current_setting('bulkhead.session_id', true), '') $$;

-- Takes what a step made away from everybody but the owner, and gives Supabase's roles, where they exist, what is
-- theirs: service_role everything, a session that names itself its own row.
CREATE OR REPLACE FUNCTION bulkhead_protect(p_relations TEXT[], p_functions TEXT[]) RETURNS VOID
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  v_name TEXT;
  v_role TEXT;
  v_function REGPROCEDURE;
  v_service BOOLEAN := EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'service_role');
BEGIN
  FOREACH v_name IN ARRAY p_relations LOOP
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', v_name);
    FOR v_role IN SELECT rolname FROM pg_roles WHERE rolname IN ('anon', 'authenticated') LOOP
      EXECUTE format('REVOKE ALL ON %I FROM %I', v_name, v_role);
    END LOOP;
    IF v_service THEN
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO service_role', v_name);
    END IF;
    IF EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass(v_name) AND relkind = 'r') THEN
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_name);
      EXECUTE format('DROP POLICY IF EXISTS bulkhead_service ON %I', v_name);
      IF v_service THEN
        EXECUTE format('CREATE POLICY bulkhead_service ON %I TO service_role USING (true) WITH CHECK (true)', v_name);
      END IF;
    END IF;
  END LOOP;
  FOR v_function IN
    SELECT p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.proname = ANY (p_functions)
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', v_function);
    FOR v_role IN SELECT rolname FROM pg_roles WHERE rolname IN ('anon', 'authenticated') LOOP
      EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %I', v_function, v_role);
    END LOOP;
    IF v_service THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', v_function);
    END IF;
  END LOOP;
END $$;

-- What a row must be like, whoever writes it: a claim is an item, a status that says so and an epoch, never one
-- without the others. Each new claim gets the item's next epoch, and nobody can set one; the item's row is written once
-- for it, with its holder.
CREATE OR REPLACE FUNCTION bulkhead_keep_claim_rules() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_new BOOLEAN := TG_OP = 'INSERT';
  v_held BOOLEAN := false;
  v_same BOOLEAN := false;
BEGIN
  IF NOT v_new THEN
    v_held := OLD.status = 'active' AND OLD.sd_id IS NOT NULL;
    -- An item given to an idle session is a claim, also when nobody thought of the status.
    IF NEW.status = 'idle' AND OLD.status = 'idle' AND NEW.sd_id IS DISTINCT FROM OLD.sd_id THEN
      NEW.status := 'active';
    END IF;
    v_same := v_held AND OLD.sd_id IS NOT DISTINCT FROM NEW.sd_id AND OLD.repository = NEW.repository;
  END IF;
  IF NEW.status <> 'active' THEN
    NEW.sd_id := NULL;
  ELSIF NEW.sd_id IS NULL THEN
    NEW.status := 'idle';
  END IF;

  IF NEW.status = 'active' AND v_same THEN
    NEW.claim_epoch := OLD.claim_epoch;
  ELSIF NEW.status = 'active' THEN
    UPDATE strategic_directives_v2
    SET claim_epoch = claim_epoch + 1, is_working_on = true, active_session_id = NEW.session_id
    WHERE repository = NEW.repository AND sd_key = NEW.sd_id RETURNING claim_epoch INTO NEW.claim_epoch;
    IF NOT FOUND THEN
      INSERT INTO strategic_directives_v2 AS item (repository, sd_key, claim_epoch, is_working_on, active_session_id)
      VALUES (NEW.repository, NEW.sd_id, 1, true, NEW.session_id)
      ON CONFLICT (repository, sd_key) DO UPDATE
        SET claim_epoch = item.claim_epoch + 1, is_working_on = true, active_session_id = EXCLUDED.active_session_id
      RETURNING claim_epoch INTO NEW.claim_epoch;
    END IF;
    IF NEW.claimed_at IS NULL OR (NOT v_new AND NEW.claimed_at IS NOT DISTINCT FROM OLD.claimed_at) THEN
      NEW.claimed_at := bulkhead_now();
    END IF;
    NEW.released_at := NULL;
    NEW.released_reason := NULL;
  ELSE
    NEW.claim_epoch := NULL;
  END IF;

  IF v_new AND NEW.status = 'released' THEN
    NEW.released_at := COALESCE(NEW.released_at, bulkhead_now());
  ELSIF NOT v_new AND NEW.status <> 'active' AND (v_held OR (NEW.status = 'released' AND OLD.status <> 'released')) THEN
    IF NEW.released_at IS NULL OR NEW.released_at IS NOT DISTINCT FROM OLD.released_at THEN
      NEW.released_at := bulkhead_now();
    END IF;
    NEW.released_reason := COALESCE(NEW.released_reason, 'manual');
  END IF;
  RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS bulkhead_claim_rules_insert ON claude_sessions;
CREATE TRIGGER bulkhead_claim_rules_insert BEFORE INSERT ON claude_sessions
  FOR EACH ROW EXECUTE FUNCTION bulkhead_keep_claim_rules();

-- Heartbeats change none of these columns: they pay for no rule.
DROP TRIGGER IF EXISTS bulkhead_claim_rules_update ON claude_sessions;
CREATE TRIGGER bulkhead_claim_rules_update BEFORE UPDATE ON claude_sessions
  FOR EACH ROW WHEN (
    OLD.status IS DISTINCT FROM NEW.status OR OLD.sd_id IS DISTINCT FROM NEW.sd_id
    OR OLD.claim_epoch IS DISTINCT FROM NEW.claim_epoch OR OLD.repository IS DISTINCT FROM NEW.repository
  ) EXECUTE FUNCTION bulkhead_keep_claim_rules();

-- An item that a session let go of is nobody's, unless another one has it by now.
CREATE OR REPLACE FUNCTION bulkhead_free_item(p_repository TEXT, p_sd_id TEXT) RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_holder TEXT;
BEGIN
  SELECT session_id INTO v_holder FROM claude_sessions
  WHERE repository = p_repository AND sd_id = p_sd_id AND status = 'active' LIMIT 1;
  UPDATE strategic_directives_v2 SET is_working_on = v_holder IS NOT NULL, active_session_id = v_holder
  WHERE repository = p_repository AND sd_key = p_sd_id
    AND (is_working_on, active_session_id) IS DISTINCT FROM (v_holder IS NOT NULL, v_holder);
END $$;

CREATE OR REPLACE FUNCTION sync_is_working_on_with_session() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM bulkhead_free_item(OLD.repository, OLD.sd_id);
  RETURN NULL;
END $$;

-- The item that is claimed was written with its epoch: what is left is the one that a session lets go of.
DROP TRIGGER IF EXISTS sync_is_working_on_trigger ON claude_sessions;
CREATE TRIGGER sync_is_working_on_trigger AFTER UPDATE ON claude_sessions
  FOR EACH ROW WHEN (
    OLD.sd_id IS NOT NULL
    AND (OLD.sd_id IS DISTINCT FROM NEW.sd_id OR OLD.repository IS DISTINCT FROM NEW.repository)
  ) EXECUTE FUNCTION sync_is_working_on_with_session();

-- A function of its own, so that the printed rollback can drop the one above.
CREATE OR REPLACE FUNCTION bulkhead_sync_entry() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM bulkhead_free_item(OLD.repository, OLD.sd_id);
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS bulkhead_sync_delete ON claude_sessions;
CREATE TRIGGER bulkhead_sync_delete AFTER DELETE ON claude_sessions
  FOR EACH ROW WHEN (OLD.sd_id IS NOT NULL) EXECUTE FUNCTION bulkhead_sync_entry();

-- Items are locked before sessions, in the order of their keys: who waits for whom can then never become a circle.
CREATE OR REPLACE FUNCTION bulkhead_lock_items(p_repository TEXT, p_sd_ids TEXT[]) RETURNS VOID
LANGUAGE sql SET search_path = public, pg_temp AS $$
  SELECT sd_key FROM strategic_directives_v2
  WHERE repository = p_repository AND sd_key = ANY (p_sd_ids) ORDER BY sd_key FOR NO KEY UPDATE
$$;

-- Why a session may be taken out of the way; NULL for one that is live.
-- p_gone: [{session_id, pid, started_at}], owner processes that the caller saw to be gone. It counts only while the
-- row still names that very process.
CREATE OR REPLACE FUNCTION bulkhead_take_over_reason(p_session claude_sessions, p_gone JSONB) RETURNS TEXT
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT CASE
    WHEN EXISTS (
      SELECT 1 FROM jsonb_to_recordset(p_gone) AS gone (session_id TEXT, pid INTEGER, started_at TEXT)
      WHERE gone.session_id = p_session.session_id AND gone.pid = p_session.pid
        AND gone.started_at IS NOT DISTINCT FROM p_session.pid_started_at
    ) THEN 'process_exit'
    WHEN bulkhead_age_seconds(p_session.heartbeat_at) >= bulkhead_stale_seconds() THEN 'stale_cleanup'
  END
$$;

-- Gives an item to a session, which lets go of the one it had. Answers with whole rows, for the program.
CREATE OR REPLACE FUNCTION bulkhead_claim(p_sd_id TEXT, p_session_id TEXT, p_gone JSONB) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_repository TEXT;
  v_held TEXT;
  v_status TEXT;
  v_session claude_sessions;
  v_holder claude_sessions;
  v_reason TEXT;
BEGIN
  IF p_sd_id IS NULL OR p_sd_id !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' THEN
    RAISE EXCEPTION 'not the key of a work item: %', p_sd_id USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Once more whenever the session turns out to be no longer what was seen.
  LOOP
    SELECT repository, sd_id, status INTO v_repository, v_held, v_status FROM claude_sessions WHERE session_id = p_session_id;
    IF NOT FOUND THEN
      RETURN jsonb_build_object('kind', 'session_not_found');
    ELSIF v_status = 'released' THEN
      SELECT * INTO v_session FROM claude_sessions WHERE session_id = p_session_id;
      RETURN jsonb_build_object('kind', 'session_released', 'session', bulkhead_session_json(v_session));
    ELSIF v_held = p_sd_id THEN
      UPDATE claude_sessions SET heartbeat_at = bulkhead_now()
      WHERE session_id = p_session_id AND sd_id = p_sd_id AND status = 'active' RETURNING * INTO v_session;
      CONTINUE WHEN NOT FOUND;
      RETURN jsonb_build_object('kind', 'claimed', 'fresh', false, 'session', bulkhead_session_json(v_session));
    END IF;

    -- Items before sessions, in the order of their keys. One that is new is locked by making it.
    IF v_held < p_sd_id THEN
      PERFORM bulkhead_lock_items(v_repository, ARRAY[v_held]);
    END IF;
    PERFORM 1 FROM strategic_directives_v2 WHERE repository = v_repository AND sd_key = p_sd_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
      INSERT INTO strategic_directives_v2 (repository, sd_key) VALUES (v_repository, p_sd_id)
      ON CONFLICT (repository, sd_key) DO NOTHING;
      IF NOT FOUND THEN
        PERFORM bulkhead_lock_items(v_repository, ARRAY[p_sd_id]);
      END IF;
    END IF;
    IF v_held > p_sd_id THEN
      PERFORM bulkhead_lock_items(v_repository, ARRAY[v_held]);
    END IF;

    SELECT * INTO v_holder FROM claude_sessions
    WHERE repository = v_repository AND sd_id = p_sd_id AND status = 'active' LIMIT 1;
    IF FOUND THEN
      CONTINUE WHEN v_holder.session_id = p_session_id;
      IF bulkhead_take_over_reason(v_holder, p_gone) IS NULL THEN
        RETURN jsonb_build_object('kind', 'already_claimed', 'holder', bulkhead_session_json(v_holder));
      END IF;
      -- Only now that neither can change: the holder may have been heard of, and the taker may have ended, meanwhile.
      PERFORM 1 FROM claude_sessions WHERE session_id IN (p_session_id, v_holder.session_id) ORDER BY session_id FOR NO KEY UPDATE;
      SELECT * INTO v_session FROM claude_sessions WHERE session_id = p_session_id;
      SELECT * INTO v_holder FROM claude_sessions WHERE session_id = v_holder.session_id;
      CONTINUE WHEN v_session.status = 'released' OR v_session.sd_id IS DISTINCT FROM v_held
        OR v_holder.sd_id IS DISTINCT FROM p_sd_id;
      v_reason := bulkhead_take_over_reason(v_holder, p_gone);
      CONTINUE WHEN v_reason IS NULL;
      UPDATE claude_sessions SET status = 'released', released_at = bulkhead_now(), released_reason = v_reason
      WHERE session_id = v_holder.session_id;
      PERFORM set_config('bulkhead.took_over_from', v_holder.session_id, true);
    END IF;
    UPDATE claude_sessions SET sd_id = p_sd_id, status = 'active', heartbeat_at = bulkhead_now()
    WHERE session_id = p_session_id AND status <> 'released' AND sd_id IS NOT DISTINCT FROM v_held
    RETURNING * INTO v_session;
    CONTINUE WHEN NOT FOUND;
    IF v_holder.session_id IS NOT NULL THEN
      PERFORM set_config('bulkhead.took_over_from', '', true);
    END IF;
    RETURN jsonb_build_object('kind', 'claimed', 'fresh', true, 'session', bulkhead_session_json(v_session),
      'took_over', bulkhead_session_json(v_holder), 'switched_from', v_held);
  END LOOP;
END $$;

-- Ends a claim, or a session with its claim. p_only_sd: nothing happens unless that is the item held.
CREATE OR REPLACE FUNCTION bulkhead_let_go(p_session_id TEXT, p_reason TEXT, p_end_session BOOLEAN, p_only_sd TEXT)
RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_seen claude_sessions;
  v_before claude_sessions;
  v_session claude_sessions;
BEGIN
  LOOP
    SELECT * INTO v_seen FROM claude_sessions WHERE session_id = p_session_id;
    IF NOT FOUND THEN
      RETURN jsonb_build_object('kind', 'nothing_to_release');
    END IF;
    PERFORM bulkhead_lock_items(v_seen.repository, ARRAY[v_seen.sd_id]);
    SELECT * INTO v_before FROM claude_sessions WHERE session_id = p_session_id FOR NO KEY UPDATE;
    EXIT WHEN v_before.sd_id IS NOT DISTINCT FROM v_seen.sd_id;
  END LOOP;
  IF v_before.status = 'released' OR (NOT p_end_session AND v_before.sd_id IS NULL)
     OR (p_only_sd IS NOT NULL AND v_before.sd_id IS DISTINCT FROM p_only_sd) THEN
    RETURN jsonb_build_object('kind', 'nothing_to_release', 'session', bulkhead_session_json(v_before));
  END IF;
  UPDATE claude_sessions SET status = CASE WHEN p_end_session THEN 'released' ELSE 'idle' END, sd_id = NULL,
    released_at = bulkhead_now(), released_reason = p_reason
  WHERE session_id = p_session_id RETURNING * INTO v_session;
  RETURN jsonb_build_object('kind', 'released', 'sd_id', v_before.sd_id, 'session', bulkhead_session_json(v_session));
END $$;

CREATE OR REPLACE FUNCTION claim_sd(p_sd_id TEXT, p_session_id TEXT, p_gone JSONB DEFAULT '[]') RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_outcome JSONB;
  v_holder JSONB;
BEGIN
  v_outcome := bulkhead_claim(p_sd_id, p_session_id, COALESCE(p_gone, '[]'));
  v_holder := v_outcome -> 'holder';
  IF v_outcome ->> 'kind' = 'claimed' THEN
    RETURN jsonb_build_object(
      'success', true, 'sd_id', p_sd_id, 'session_id', p_session_id,
      'claim_epoch', v_outcome -> 'session' -> 'claim_epoch', 'claimed_at', v_outcome -> 'session' -> 'claimed_at',
      'took_over_from', v_outcome -> 'took_over' ->> 'session_id', 'switched_from', v_outcome ->> 'switched_from');
  ELSIF v_holder IS NULL THEN
    RETURN jsonb_build_object('success', false, 'error', v_outcome ->> 'kind', 'sd_id', p_sd_id, 'session_id', p_session_id);
  END IF;
  RETURN jsonb_build_object(
    'success', false, 'error', 'already_claimed', 'sd_id', p_sd_id, 'claimed_by', v_holder ->> 'session_id',
    'heartbeat_age_seconds', v_holder -> 'heartbeat_age_seconds',
    'heartbeat_age_human', bulkhead_age_words((v_holder ->> 'heartbeat_age_seconds')::integer),
    'hostname', v_holder ->> 'hostname', 'tty', v_holder ->> 'tty');
EXCEPTION WHEN unique_violation OR deadlock_detected OR serialization_failure THEN
  RETURN jsonb_build_object('success', false, 'error', 'race_condition', 'sd_id', p_sd_id, 'session_id', p_session_id);
END $$;
COMMENT ON FUNCTION claim_sd(TEXT, TEXT, JSONB) IS
  'Gives the item p_sd_id to the session p_session_id, which lets go of the one it had. A claim whose holder is stale (300 s without a heartbeat) is taken over, as is one whose owner process p_gone ([{session_id, pid, started_at}]) names as gone. Returns success, sd_id, session_id, claim_epoch, claimed_at; or success false with error already_claimed (and who), race_condition, session_not_found or session_released.';

CREATE OR REPLACE FUNCTION release_sd(p_session_id TEXT, p_reason TEXT) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_outcome JSONB := bulkhead_let_go(p_session_id, COALESCE(p_reason, 'manual'), false, NULL);
BEGIN
  IF v_outcome -> 'session' IS NULL THEN
    RETURN jsonb_build_object('success', false, 'error', 'session_not_found', 'session_id', p_session_id);
  END IF;
  RETURN jsonb_build_object('success', true, 'released_sd', v_outcome ->> 'sd_id', 'session_id', p_session_id,
    'reason', v_outcome -> 'session' ->> 'released_reason', 'released_at', v_outcome -> 'session' ->> 'released_at');
END $$;
COMMENT ON FUNCTION release_sd(TEXT, TEXT) IS
  'Ends the claim of the session p_session_id for the reason p_reason; the session stays, idle and alive. Doing it again changes nothing. Returns success, released_sd, session_id, reason, released_at; or success false with error session_not_found.';

CREATE OR REPLACE FUNCTION release_sd(p_sd_id TEXT) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_repositories JSONB;
  v_holder TEXT;
  v_outcome JSONB;
BEGIN
  SELECT jsonb_agg(DISTINCT repository) INTO v_repositories FROM claude_sessions WHERE sd_id = p_sd_id AND status = 'active';
  IF jsonb_array_length(v_repositories) > 1 THEN
    RETURN jsonb_build_object('success', false, 'error', 'ambiguous', 'sd_id', p_sd_id, 'repositories', v_repositories);
  END IF;
  FOR v_holder IN SELECT session_id FROM claude_sessions WHERE sd_id = p_sd_id AND status = 'active' ORDER BY session_id LOOP
    v_outcome := bulkhead_let_go(v_holder, 'manual', false, p_sd_id);
  END LOOP;
  RETURN jsonb_build_object('success', true, 'released_sd', p_sd_id, 'session_id', v_outcome -> 'session' ->> 'session_id',
    'reason', 'manual', 'released_at', v_outcome -> 'session' ->> 'released_at');
END $$;
COMMENT ON FUNCTION release_sd(TEXT) IS
  'Operator override: ends the claim of whoever holds the item p_sd_id, with the reason manual. An item that nobody holds is no error: session_id is then null. Returns success, released_sd, session_id, reason, released_at; or, changing nothing, success false with error ambiguous and the repositories when several hold that key: release by session then.';

CREATE OR REPLACE FUNCTION release_session(p_session_id TEXT, p_reason TEXT DEFAULT 'graceful_exit') RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_outcome JSONB := bulkhead_let_go(p_session_id, COALESCE(p_reason, 'graceful_exit'), true, NULL);
BEGIN
  IF v_outcome -> 'session' IS NULL THEN
    RETURN jsonb_build_object('success', false, 'error', 'session_not_found', 'session_id', p_session_id);
  END IF;
  RETURN jsonb_build_object('success', true, 'released_sd', v_outcome ->> 'sd_id', 'session_id', p_session_id,
    'reason', v_outcome -> 'session' ->> 'released_reason', 'released_at', v_outcome -> 'session' ->> 'released_at');
END $$;
COMMENT ON FUNCTION release_session(TEXT, TEXT) IS
  'Ends the session p_session_id and its claim for the reason p_reason. It is never revived; ending it again changes nothing. Returns success, released_sd, session_id, reason, released_at; or success false with error session_not_found.';

CREATE OR REPLACE FUNCTION update_session_heartbeat(p_session_id TEXT) RETURNS JSONB
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_at TIMESTAMPTZ;
BEGIN
  UPDATE claude_sessions SET heartbeat_at = bulkhead_now()
  WHERE session_id = p_session_id AND status <> 'released' RETURNING heartbeat_at INTO v_at;
  IF FOUND THEN
    RETURN jsonb_build_object('success', true, 'session_id', p_session_id, 'heartbeat_at', v_at);
  END IF;
  RETURN jsonb_build_object('success', false, 'session_id', p_session_id, 'error',
    CASE WHEN EXISTS (SELECT 1 FROM claude_sessions WHERE session_id = p_session_id)
      THEN 'session_released' ELSE 'session_not_found' END);
END $$;
COMMENT ON FUNCTION update_session_heartbeat(TEXT) IS
  'Notes that the session p_session_id is alive. Never revives one that has ended. Returns success, heartbeat_at; or success false with error session_not_found or session_released.';

-- Later steps add to this view; run again, this step leaves theirs alone. One from before Bulkhead is replaced.
DO $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = 'v_active_sessions' AND column_name = 'claim_epoch'
  ) THEN
    DROP VIEW IF EXISTS v_active_sessions;
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
  END IF;
END $$;

SELECT bulkhead_protect(
  ARRAY['bulkhead_migrations', 'claude_sessions', 'strategic_directives_v2', 'sd_phase_handoffs', 'v_active_sessions'],
  -- Not the clock and the words of ages: they tell nothing, and whoever may read a view needs them.
  ARRAY['bulkhead_session_json', 'bulkhead_protect', 'bulkhead_keep_claim_rules', 'bulkhead_free_item', 'sync_is_working_on_with_session',
    'bulkhead_sync_entry', 'bulkhead_lock_items', 'bulkhead_take_over_reason', 'bulkhead_claim', 'bulkhead_let_go',
    'claim_sd', 'release_sd', 'release_session', 'update_session_heartbeat']
);

DROP POLICY IF EXISTS bulkhead_own_row ON claude_sessions;
CREATE POLICY bulkhead_own_row ON claude_sessions
  USING (session_id = bulkhead_own_session()) WITH CHECK (session_id = bulkhead_own_session());
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'authenticated') THEN
    GRANT SELECT, UPDATE ON claude_sessions TO authenticated;
  END IF;
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'anon') THEN
    GRANT SELECT ON claude_sessions TO anon;
  END IF;
END $$;

INSERT INTO bulkhead_migrations (name) VALUES ('20260130_multi_session_pessimistic_locking') ON CONFLICT DO NOTHING;
COMMIT;
