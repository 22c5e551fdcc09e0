import postgres from "postgres";
import { startPostgres } from "../test/support/postgres.ts";
import { onCleanup } from "../test/support/scratch.ts";
import { createTeamDatabase } from "../test/support/team-database.ts";
import type { Comparison } from "./harness/comparison.ts";

const CLAIMS = 200;
const ACTIVE = 10_000;
/** As in a team that has worked for years. */
const HISTORY = Number(process.env.BULKHEAD_BENCH_HISTORY ?? 1_000_000);

/** Claims beside the bare statement that one needs, and the view of the living with and without a long history. */
export async function bench(): Promise<Comparison[]> {
  const server = await startPostgres();
  onCleanup(() => server.stop());
  return [await claims(server), await views(server)];
}

type Server = Awaited<ReturnType<typeof startPostgres>>;

async function claims(server: Server): Promise<Comparison> {
  const { sql, options } = await createTeamDatabase(server);
  onCleanup(() => sql.end());
  // The same row and the same indexes, and nothing else.
  await sql.unsafe("CREATE TABLE bare (LIKE claude_sessions INCLUDING ALL) WITH (fillfactor = 60)");
  for (const table of ["claude_sessions", "bare"]) {
    await sql.unsafe(
      `INSERT INTO ${table} (session_id, status) SELECT 's' || n, 'idle' FROM generate_series(1, ${CLAIMS}) AS n`,
    );
  }
  const client = postgres({ ...options, max: 1 });
  onCleanup(() => client.end());
  const run = async (statement: string, reset: string) => {
    const begun = performance.now();
    for (let n = 1; n <= CLAIMS; n++) await client.unsafe(statement, [`item-${n}`, `s${n}`], { prepare: true });
    const took = performance.now() - begun;
    await sql.unsafe(reset);
    return took;
  };
  return {
    title: `${CLAIMS} claims that are won, one after the other`,
    contenders: [
      {
        name: "UPDATE … RETURNING",
        sample: () =>
          run(
            `UPDATE bare SET sd_id = $1, status = 'active', claimed_at = now(), heartbeat_at = now()
             WHERE session_id = $2 AND NOT EXISTS (SELECT 1 FROM bare WHERE sd_id = $1 AND status = 'active') RETURNING claim_epoch`,
            "UPDATE bare SET sd_id = NULL, status = 'idle'",
          ),
      },
      {
        name: "Bulkhead",
        sample: () => run("SELECT bulkhead_claim($1, $2, '[]')", "UPDATE claude_sessions SET status = 'idle'"),
      },
    ],
    rounds: 15,
    bars: [{ of: "Bulkhead", than: "UPDATE … RETURNING", most: 2 }],
  };
}

async function views(server: Server): Promise<Comparison> {
  const read = async (history: number, active: number) => {
    const { sql } = await createTeamDatabase(server);
    onCleanup(() => sql.end());
    await sql.unsafe(`ALTER TABLE claude_sessions DISABLE TRIGGER USER;
      INSERT INTO claude_sessions (session_id, status, sd_id, claim_epoch)
      SELECT 's' || n, 'active', 'item-' || n, 1 FROM generate_series(1, ${active}) AS n;
      INSERT INTO claude_sessions (session_id, status, released_at, released_reason, created_at)
      SELECT 'old' || n, 'released', now() - n * interval '1 minute', 'graceful_exit', now() - n * interval '1 minute'
      FROM generate_series(1, ${history}) AS n;
      ALTER TABLE claude_sessions ENABLE TRIGGER USER`);
    await sql.unsafe("VACUUM ANALYZE claude_sessions");
    return async () => {
      const begun = performance.now();
      await sql`SELECT count(*), avg(heartbeat_age_seconds) FROM v_active_sessions WHERE computed_status = 'active'`;
      return performance.now() - begun;
    };
  };
  const [alone, among] = [`${ACTIVE} sessions alone`, `the same among ${HISTORY} that ended`];
  return {
    title: "v_active_sessions",
    contenders: [
      { name: alone, sample: await read(0, ACTIVE) },
      { name: among, sample: await read(HISTORY, ACTIVE) },
      { name: "100 sessions", sample: await read(0, 100) },
    ],
    rounds: 15,
    bars: [{ of: among, than: alone, most: 2 }],
  };
}
