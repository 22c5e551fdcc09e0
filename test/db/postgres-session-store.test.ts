import { afterAll, beforeAll, describe } from "vitest";
import type { SessionStore } from "../../src/store/session-store.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { createTeamDatabase, type TeamDatabase } from "../support/team-database.ts";
import { sessionStoreContract } from "./session-store-contract.ts";
import { sessionStoreModel } from "./session-store-model.ts";

let server: TestPostgres;
let database: TeamDatabase;
let made = 0;

beforeAll(async () => {
  server = await startPostgres();
  database = await createTeamDatabase(server);
});
afterAll(async () => {
  await database.sql.end();
  await server.stop();
});

/** One database for all cases, a repository for each: so they also show that repositories do not meet. */
function postgresUnderTest() {
  const repository = `example.test/clone-${++made}`;
  return { open: async (clock: () => string) => withClock(database.openStore(repository), clock) };
}

/** The database's clock is set to the test's before each call. */
function withClock(store: SessionStore, clock: () => string): SessionStore {
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...args: unknown[]) => {
        await database.setClock(clock());
        return method.apply(target, args);
      };
    },
  });
}

describe("the team store", () => {
  sessionStoreContract(postgresUnderTest);
  sessionStoreModel(postgresUnderTest);
});
