-- Takes back 20261126_session_history.

BEGIN;
SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'));
SET LOCAL search_path = public, pg_temp;
SET LOCAL client_min_messages = warning;

DROP FUNCTION IF EXISTS bulkhead_book_events(TEXT, JSONB);
DROP FUNCTION IF EXISTS bulkhead_import_history(TEXT, JSONB, JSONB);

DELETE FROM bulkhead_migrations WHERE name = '20261126_session_history';
COMMIT;
