import { openSessionStore } from "../store/open-store.ts";
import type { SessionStore } from "../store/session-store.ts";
import type { Clone } from "./clone.ts";

/**
 * For what runs long: a store opened for one piece of work. In between, no connection is held and no file is open.
 * @throws BulkheadError `STORE_FAILED`, `STORE_UNREACHABLE`
 */
export async function withStore<T>(clone: Clone, work: (store: SessionStore) => Promise<T>): Promise<T> {
  const store = await openSessionStore(clone.storeLocation());
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
