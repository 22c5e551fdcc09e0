import { join } from "node:path";
import { describe } from "vitest";
import { openSessionStore } from "../../src/store/open-store.ts";
import { onCleanup, scratchDirectory } from "../support/scratch.ts";
import { sessionStoreContract } from "./session-store-contract.ts";
import { sessionStoreModel } from "./session-store-model.ts";

function sqliteUnderTest() {
  const database = join(scratchDirectory(), "bulkhead.db");
  return {
    async open(clock: () => string) {
      const store = await openSessionStore({ database, repository: "example.test/clone", clock });
      onCleanup(() => store.close());
      return store;
    },
  };
}

describe("the embedded store", () => {
  sessionStoreContract(sqliteUnderTest);
  sessionStoreModel(sqliteUnderTest);
});
