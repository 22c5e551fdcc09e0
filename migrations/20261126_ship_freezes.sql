-- Stops for bases: while one stands, no ship of any clone that shares this store merges into that base.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

CREATE TABLE IF NOT EXISTS bulkhead_freezes (
  repository TEXT NOT NULL,
  base TEXT NOT NULL,
  frozen_by TEXT NOT NULL,
  host TEXT NOT NULL,
  reason TEXT NOT NULL,
  frozen_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  frozen_until TIMESTAMPTZ,
  PRIMARY KEY (repository, base)
);

SELECT bulkhead_protect(ARRAY['bulkhead_freezes'], ARRAY[]::text[]);

INSERT INTO bulkhead_migrations (name) VALUES ('20261126_ship_freezes') ON CONFLICT DO NOTHING;
COMMIT;
