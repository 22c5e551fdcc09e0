import type { Freeze, NewFreeze } from "../../domain/freeze.ts";
import { type BranchName, parseBranchName } from "../../domain/names.ts";
import type { Row } from "./connection.ts";
import type { NamedTransaction } from "./transaction.ts";

/** Sets a base's stop, in place of one that is there. */
export function freeze(tx: NamedTransaction, { base, by, host, reason, until }: NewFreeze): Freeze {
  const end = until === null ? null : "at" in until ? until.at : new Date(Date.parse(tx.now) + until.inMs);
  const stop = { base, by, host, reason, at: tx.now, until: end?.toISOString() ?? null };
  tx.connection.run(
    `INSERT OR REPLACE INTO bulkhead_freezes (repository, base, frozen_by, host, reason, frozen_at, frozen_until)
     VALUES (:repository, :base, :by, :host, :reason, :at, :until)`,
    { repository: tx.repository, ...stop },
  );
  return stop;
}

/** @returns the stop that held; null when none did */
export function unfreeze(tx: NamedTransaction, base: BranchName): Freeze | null {
  const held = listFreezes(tx).find((one) => one.base === base) ?? null;
  tx.connection.run("DELETE FROM bulkhead_freezes WHERE repository = :repository AND base = :base", {
    repository: tx.repository,
    base,
  });
  return held;
}

/** The stops that hold now. */
export function listFreezes(tx: NamedTransaction): Freeze[] {
  return tx.connection
    .all(
      `SELECT * FROM bulkhead_freezes
       WHERE repository = :repository AND (frozen_until IS NULL OR frozen_until > :now) ORDER BY base`,
      { repository: tx.repository, now: tx.now },
    )
    .map(toFreeze);
}

function toFreeze(row: Row): Freeze {
  return {
    base: parseBranchName(String(row.base)),
    by: String(row.frozen_by),
    host: String(row.host),
    reason: String(row.reason),
    at: String(row.frozen_at),
    until: row.frozen_until === null ? null : String(row.frozen_until),
  };
}
