import { join } from "node:path";
import { expect, test } from "vitest";
import { openSessionStore } from "../../src/store/open-store.ts";
import { SqliteConnection } from "../../src/store/sqlite/connection.ts";
import { TestProcess } from "../support/child-process.ts";
import { raceRounds } from "../support/race-rounds.ts";
import { scratchDirectory } from "../support/scratch.ts";
import { item, registration } from "./session-fixtures.ts";

const PROGRAM = new URL("./store-process.ts", import.meta.url);

test("of sixteen processes that race for items, exactly one wins each, on a database that none has made yet", async () => {
  const database = join(scratchDirectory(), "bulkhead.db");
  const items = Array.from({ length: raceRounds(15) }, (_, n) => `item-${n}`);
  const racers = Array.from(
    { length: 16 },
    (_, n) => new TestProcess(PROGRAM, [database, String(n), "race", ...items]),
  );
  for (const racer of racers) expect(await racer.line()).toBe("ready");
  for (const racer of racers) racer.say("go");
  const won = await Promise.all(racers.map(async (racer) => JSON.parse(await racer.line()) as string[]));
  expect(won.flat().sort()).toEqual([...items].sort());
  for (const racer of racers) expect(await racer.ended).toEqual({ code: 0, signal: null });
});

test("kill -9 in the middle of writes leaves a consistent store that works on", async () => {
  const database = join(scratchDirectory(), "bulkhead.db");
  for (let round = 0; round < 3; round++) {
    const churners = [0, 1].map((n) => new TestProcess(PROGRAM, [database, String(n), "churn"]));
    for (const churner of churners) expect(await churner.line()).toBe("busy");
    for (const churner of churners) churner.child.kill("SIGKILL");
    for (const churner of churners) expect(await churner.ended).toEqual({ code: null, signal: "SIGKILL" });
    expectConsistent(database);
  }
  const store = await openSessionStore({ database, repository: "example.test/clone" });
  const outcome = await store.registerAndClaim(registration(9), item("another"), { share: false });
  expect(outcome.kind).toBe("claimed");
  await store.close();
});

test("a process that opens the file twice keeps the locks of its first connection when it closes the second", async () => {
  const database = join(scratchDirectory(), "bulkhead.db");
  const location = { database, repository: "example.test/clone" };
  const first = await openSessionStore(location);
  await first.register(registration(1));
  for (let round = 2; round < 4; round++) {
    const second = await openSessionStore(location);
    await second.listSessions();
    await second.close();
    // Another process that took itself for the only one would fold the log up under the first connection's hands.
    const racer = new TestProcess(PROGRAM, [database, "9", "race", `item-${round}`]);
    expect(await racer.line()).toBe("ready");
    racer.say("go");
    expect(JSON.parse(await racer.line())).toEqual([`item-${round}`]);
    await racer.ended;
    await first.register(registration(round));
  }
  await first.close();
  expectConsistent(database);
  const connection = SqliteConnection.open(database);
  expect(connection.get("SELECT count(*) AS n FROM claude_sessions WHERE worktree <> '/w/9'")?.n).toBe(3);
  connection.close();
});

/** Rows agree with one another, and every claim with the log. */
function expectConsistent(database: string): void {
  const connection = SqliteConnection.open(database);
  expect(connection.all("PRAGMA integrity_check").map((row) => row.integrity_check)).toEqual(["ok"]);
  const torn = connection.all(
    `SELECT sd_key FROM strategic_directives_v2 AS item
     LEFT JOIN claude_sessions AS holder ON holder.sd_id = item.sd_key AND holder.status = 'active'
     WHERE is_working_on <> (holder.session_id IS NOT NULL) OR active_session_id IS NOT holder.session_id
        OR item.claim_epoch <> (SELECT COUNT(*) FROM session_lifecycle_events
             WHERE event_type = 'claimed' AND event_data ->> 'sd_id' = item.sd_key)`,
  );
  expect(torn).toEqual([]);
  connection.close();
}
