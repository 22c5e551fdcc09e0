-- Takes back 20260218_consolidate_claims.
-- Where there was an old table of claims, it is made again from the claims of today.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM sd_claims_archive) THEN
    CREATE TABLE sd_claims (
      sd_id TEXT NOT NULL,
      session_id TEXT NOT NULL,
      claimed_at TIMESTAMPTZ NOT NULL DEFAULT now(),
      released_at TIMESTAMPTZ
    );
    CREATE UNIQUE INDEX sd_claims_active_unique ON sd_claims (sd_id, session_id) WHERE released_at IS NULL;
    INSERT INTO sd_claims (sd_id, session_id, claimed_at)
    SELECT sd_id, session_id, COALESCE(claimed_at, now()) FROM claude_sessions WHERE status = 'active' AND sd_id IS NOT NULL;
    PERFORM bulkhead_protect(ARRAY['sd_claims'], ARRAY[]::text[]);
  ELSE
    DROP TABLE sd_claims_archive;
  END IF;
END $$;

DELETE FROM bulkhead_migrations WHERE name = '20260218_consolidate_claims';
COMMIT;
