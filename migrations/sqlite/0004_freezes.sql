-- Stops for bases: while one stands, no ship of the clone merges into that base.
CREATE TABLE bulkhead_freezes (
  repository TEXT NOT NULL,
  base TEXT NOT NULL,
  frozen_by TEXT NOT NULL,
  host TEXT NOT NULL,
  reason TEXT NOT NULL,
  frozen_at TEXT NOT NULL,
  frozen_until TEXT,
  PRIMARY KEY (repository, base)
) STRICT;
