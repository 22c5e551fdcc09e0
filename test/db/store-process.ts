/**
 * Works on an embedded store as a process of its own: `<database> <number> race <items…>` claims every item once,
 * `<database> <number> churn` claims and releases until it is killed.
 */
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { openSessionStore } from "../../src/store/open-store.ts";
import { item, registration } from "./session-fixtures.ts";

const [database = "", number = "0", task, ...items] = process.argv.slice(2);

async function race(): Promise<void> {
  console.log("ready");
  await new Promise((resolve) => createInterface(process.stdin).once("line", resolve));
  // The first to come makes the database: that, too, is part of the race.
  const store = await openSessionStore({ database, repository: "example.test/clone" });
  const won: string[] = [];
  // SQLite queues nobody: without a gap between transactions one process could shut another out for good.
  for (const key of items) {
    const { session } = await store.register(registration(Number(number)));
    if ((await store.claim(session.id, item(key))).kind === "claimed") won.push(key);
    await setTimeout(1);
  }
  await store.close();
  console.log(JSON.stringify(won));
  // Not by `exit`: the library lets go of the file when the process ends by itself.
  process.stdin.destroy();
}

async function churn(): Promise<void> {
  const store = await openSessionStore({ database, repository: "example.test/clone" });
  const { session } = await store.register(registration(Number(number)));
  for (let round = 0; ; round++) {
    await store.claim(session.id, item(`item-${round % 3}`));
    if (round % 2 === 0) await store.releaseClaim(session.id, "manual");
    if (round === 5) console.log("busy");
    // SQLite queues nobody: without a gap between transactions one process would shut the other out.
    await setTimeout(1);
  }
}

await (task === "race" ? race() : churn());
