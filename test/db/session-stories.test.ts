import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSessionStore } from "../../src/store/open-store.ts";
import type { SessionStore } from "../../src/store/session-store.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { createGround } from "../support/repository.ts";
import { onCleanup } from "../support/scratch.ts";
import { type Machine, type Terminal, World } from "../support/session-world.ts";
import { createTeamDatabase } from "../support/team-database.ts";

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

interface Cast {
  readonly world: World;
  /** Where A and the `run` are at work. */
  readonly first: Machine;
  /** Where B is; the same machine on the embedded store. */
  readonly second: Machine;
  readonly a: Terminal;
  readonly b: Terminal;
  readonly run: Terminal;
}

/** Two terminals and a `run` in one clone, on the store that the clone itself has: its clock is the machine's. */
async function onEmbeddedStore(): Promise<Cast> {
  const world = new World();
  const { clone } = createGround();
  const machine = world.machine("machine-1", clone);
  const clock = () => new Date(world.now + machine.jump).toISOString();
  const database = join(clone.path, ".git", "bulkhead", "bulkhead.db");
  world.store = await openSessionStore({ database, repository: "example.test/clone", clock });
  onCleanup(() => world.store.close());
  const at = (name: string) => machine.terminal(name, clone.addWorktree(name.toLowerCase(), `feat/${name}`));
  return { world, first: machine, second: machine, a: at("A"), b: at("B"), run: at("run") };
}

/** The same in two clones on two machines, which share a team's database: its clock is its own. */
async function onTeamStore(): Promise<Cast> {
  const world = new World();
  const { clone, origin, directory } = createGround();
  const other = clone.at(join(directory, "second"));
  clone.git("clone", "-q", origin.path, other.path);
  const team = await createTeamDatabase(server);
  onCleanup(() => team.sql.end());
  const store = team.openStore("example.test/clone");
  let clock = 0;
  world.store = new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...args: unknown[]) => {
        if (clock !== world.now) await team.setClock(new Date(world.now).toISOString());
        clock = world.now;
        return method.apply(target, args);
      };
    },
  }) as SessionStore;
  const [first, second] = [world.machine("machine-1", clone), world.machine("machine-2", other)];
  return {
    ...{ world, first, second },
    a: first.terminal("A", clone.addWorktree("a", "feat/A")),
    run: first.terminal("run", clone.addWorktree("run", "feat/run")),
    b: second.terminal("B", other.addWorktree("b", "feat/B")),
  };
}

const STORES: [string, () => Promise<Cast>][] = [
  ["the embedded store", onEmbeddedStore],
  ["a team's database, from two machines", onTeamStore],
];

const minutes = (count: number) => count * 60;

/** An hour with sleeps, crashes and clocks that jump. */
async function anHour({ world, first, second, a, b, run }: Cast): Promise<readonly string[]> {
  await a.start("X-1");
  await b.start("Y-2");
  await run.start("Z-3");
  await world.pass(minutes(5));
  await b.start("X-1");
  await world.pass(minutes(3));
  await run.release();
  run.again();
  await run.start("Z-3");
  await world.pass(minutes(3));
  run.crash();
  await world.pass(minutes(1));
  await b.start("Z-3");
  await world.pass(minutes(2));
  // Lids are closed for twelve minutes.
  await world.sleep(minutes(12));
  await b.start("X-1");
  first.jump = minutes(120) * 1000;
  await world.pass(minutes(4));
  await b.start("X-1");
  first.jump = 0;
  await world.pass(minutes(5));
  await b.start("X-1");
  a.crash();
  await world.pass(minutes(1));
  await b.start("X-1");
  // B's keeper dies; B goes on typing commands, and stays alive by them.
  second.keeper = false;
  a.again();
  for (let turn = 0; turn < 3; turn++) {
    await world.pass(minutes(4));
    await b.command();
    await a.start("X-1");
  }
  second.keeper = true;
  await world.pass(minutes(5));
  await b.release();
  await a.start("X-1");
  await world.pass(minutes(7));
  await a.release();
  return world.story;
}

test.each(STORES)("an hour with sleeps, crashes and clock jumps is the same story on %s", async (_, cast) => {
  const players = await cast();
  expect(await anHour(players)).toEqual([
    "A start X-1: claimed, epoch 1",
    "B start Y-2: claimed, epoch 1",
    "run start Z-3: claimed, epoch 1",
    "B start X-1: GATE_MULTI_SESSION_CLAIM_CONFLICT",
    "run release --end: Z-3 is free",
    "run start Z-3: claimed, epoch 2",
    "run crashes",
    "the keeper ends the session on Z-3",
    "B start Z-3: claimed, epoch 3, Y-2 is free",
    "B start X-1: GATE_MULTI_SESSION_CLAIM_CONFLICT",
    "B start X-1: GATE_MULTI_SESSION_CLAIM_CONFLICT",
    "B start X-1: GATE_MULTI_SESSION_CLAIM_CONFLICT",
    "A crashes",
    "the keeper ends the session on X-1",
    "B start X-1: claimed, epoch 2, Z-3 is free",
    "A start X-1: GATE_MULTI_SESSION_CLAIM_CONFLICT",
    "A start X-1: GATE_MULTI_SESSION_CLAIM_CONFLICT",
    "A start X-1: GATE_MULTI_SESSION_CLAIM_CONFLICT",
    "B release --end: X-1 is free",
    "A start X-1: claimed, epoch 3",
    "A release --end: X-1 is free",
  ]);
  const { store } = players.world;
  expect(await store.listSessions()).toEqual([]);
  const log = await store.listEvents({ limit: 100 });
  const told = log.filter(({ type }) => type === "claimed").map(({ data }) => `${data.sd_id} ${data.claim_epoch}`);
  expect(told.sort()).toEqual(["X-1 1", "X-1 2", "X-1 3", "Y-2 1", "Z-3 1", "Z-3 2", "Z-3 3"]);
});

test.each(STORES)(
  "who types start once and commits every ten minutes keeps the claim all day on %s",
  async (_, cast) => {
    const { world, a, b, first } = await cast();
    await a.start("X-1");
    const [claimed] = world.story.splice(0);
    expect(claimed).toBe("A start X-1: claimed, epoch 1");
    for (let hour = 9; hour < 17; hour++) {
      for (const minute of [0, 10, 20, 30, 40, 50]) {
        await a.commit(`work at ${hour}:${minute}`);
        await world.pass(minutes(9));
        if (minute === 30) await b.start("X-1");
        await world.pass(minutes(1));
      }
      // Lunch, with the lid closed.
      if (hour === 12) await world.sleep(minutes(45));
    }
    expect(new Set(world.story)).toEqual(new Set(["B start X-1: GATE_MULTI_SESSION_CLAIM_CONFLICT"]));
    await a.start("X-1");
    expect(world.story.at(-1)).toBe("A start X-1: claimed, epoch 1");
    expect(await world.store.findHolder("X-1" as never)).toMatchObject({ owner: { machineId: first.name } });
  },
);

test("without any keeper a terminal that only commits keeps the claim all day on its own machine", async () => {
  const { world, a, b, first } = await onEmbeddedStore();
  first.keeper = false;
  await a.start("X-1");
  for (let turn = 0; turn < 48; turn++) {
    await a.commit(`work ${turn}`);
    await world.pass(minutes(10));
    if (turn % 6 === 0) await b.start("X-1");
  }
  expect(new Set(world.story.slice(1))).toEqual(new Set(["B start X-1: GATE_MULTI_SESSION_CLAIM_CONFLICT"]));
});
