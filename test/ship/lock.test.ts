import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ProcessProbe, takeLock } from "../../src/ship/lock.ts";
import { scratchDirectory } from "../support/scratch.ts";

type Alive = Record<number, "alive" | "unknown">;

/** A process on a machine where these others run. */
function probe(pid: number, alive: Alive, host: string): ProcessProbe {
  return { host, self: { pid, startedAt: "1" }, liveness: (owner) => alive[owner.pid] ?? "gone" };
}

const at = new Date("2026-01-01T00:00:00Z");
const take = (directory: string, pid: number, alive: Alive, host = "here") =>
  takeLock(directory, "pull request #1 into main", probe(pid, alive, host), at);

test("a lock is for one; given back, it is free", () => {
  const directory = scratchDirectory();
  const release = take(directory, 1, {});
  expect(() => take(directory, 2, { 1: "alive" })).toThrow(
    "pull request #1 into main, by process 1 on here since 2026-01-01",
  );
  release();
  expect(readdirSync(directory)).toEqual([]);
  take(directory, 2, { 1: "alive" })();
});

test("the lock of a dead owner is taken over by one, and stays taken when a third comes", () => {
  const directory = scratchDirectory();
  take(directory, 1, {});
  const release = take(directory, 2, {});
  expect(() => take(directory, 3, { 2: "alive" })).toThrow("by process 2");
  release();
  expect(readdirSync(directory)).toEqual([]);
});

test.each<[string, Alive, string]>([
  ["a live owner", { 1: "alive" }, "here"],
  ["an owner that the system hides", { 1: "unknown" }, "here"],
  ["an owner on another machine", {}, "elsewhere"],
])("%s keeps its lock", (_, alive, host) => {
  const directory = scratchDirectory();
  take(directory, 1, {});
  expect(() => take(directory, 2, alive, host)).toThrow("Another ship is at work");
});

test("a lock that cannot be read is nobody's to take, and its file is named", () => {
  const directory = scratchDirectory();
  writeFileSync(join(directory, "lock.1"), "{");
  expect(() => take(directory, 2, {})).toThrow(
    expect.objectContaining({ code: "SHIP_IN_PROGRESS", hint: expect.stringContaining(join(directory, "lock.1")) }),
  );
});
