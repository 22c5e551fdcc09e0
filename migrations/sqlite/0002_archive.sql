-- Ended sessions and old events, out of the way of the living.
CREATE TABLE bulkhead_archive (
  kind TEXT NOT NULL CHECK (kind IN ('session', 'event')),
  content TEXT NOT NULL CHECK (json_valid(content)),
  archived_at TEXT NOT NULL
) STRICT;
