-- Takes back 20261126_ship_freezes.
-- A table that holds rows is kept: nothing is lost by going back.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM bulkhead_freezes) THEN
    DROP TABLE bulkhead_freezes;
  END IF;
END $$;

DELETE FROM bulkhead_migrations WHERE name = '20261126_ship_freezes';
COMMIT;
