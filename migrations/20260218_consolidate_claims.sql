-- Claims live in claude_sessions alone: what an old sd_claims table holds is carried over, and the table goes.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

-- Every row of the old table, kept as it was: history, and claims whose session is not there.
CREATE TABLE IF NOT EXISTS sd_claims_archive (
  claim JSONB NOT NULL,
  carried_over BOOLEAN NOT NULL,
  archived_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

DO $$
DECLARE
  v_claim JSONB;
  v_carried BOOLEAN;
BEGIN
  IF to_regclass('sd_claims') IS NULL THEN
    RETURN;
  END IF;
  -- Older and newer forms of the table differ in their columns: each row is read by the names it has.
  FOR v_claim IN EXECUTE 'SELECT to_jsonb(c) FROM sd_claims c ORDER BY to_jsonb(c) ->> ''claimed_at''' LOOP
    v_carried := false;
    IF v_claim ->> 'released_at' IS NULL AND COALESCE(v_claim ->> 'status', 'active') = 'active' THEN
      UPDATE claude_sessions AS session
      SET sd_id = v_claim ->> 'sd_id', status = 'active',
        claimed_at = COALESCE((v_claim ->> 'claimed_at')::timestamptz, bulkhead_now())
      WHERE session_id = v_claim ->> 'session_id' AND status <> 'released' AND sd_id IS NULL
        AND NOT EXISTS (
          SELECT 1 FROM claude_sessions AS other
          WHERE other.repository = session.repository AND other.sd_id = v_claim ->> 'sd_id' AND other.status = 'active'
        );
      v_carried := FOUND;
    END IF;
    INSERT INTO sd_claims_archive (claim, carried_over) VALUES (v_claim, v_carried);
  END LOOP;
  -- Without CASCADE: what of a stranger depends on it stops us here.
  DROP TABLE sd_claims;
END $$;

SELECT bulkhead_protect(ARRAY['sd_claims_archive'], ARRAY[]::text[]);

INSERT INTO bulkhead_migrations (name) VALUES ('20260218_consolidate_claims') ON CONFLICT DO NOTHING;
COMMIT;
