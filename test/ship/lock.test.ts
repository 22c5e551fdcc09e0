import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ProcessProbe, takeLock } from "../../src/ship/lock.ts";
import { systemProcesses } from "../../src/ship/process-probe.ts";
import { scratchDirectory } from "../support/scratch.ts";

/** A machine on which these processes run. */
function probe(pid: number, alive: Record<number, boolean | "unknown">): ProcessProbe {
  return {
    self: () => ({ host: "here", pid, startTime: "1" }),
    isAlive: (owner) => alive[owner.pid] ?? false,
  };
}

const at = new Date("2026-01-01T00:00:00Z");
const take = (directory: string, pid: number, alive: Record<number, boolean | "unknown">) =>
  takeLock(directory, "pull request #1 into main", probe(pid, alive), at);

test("a lock is for one; given back, it is free", () => {
  const directory = scratchDirectory();
  const release = take(directory, 1, { 1: true });
  expect(() => take(directory, 2, { 1: true })).toThrow(
    "pull request #1 into main, by process 1 on here since 2026-01-01",
  );
  release();
  expect(readdirSync(directory)).toEqual([]);
  take(directory, 2, { 1: true, 2: true })();
});

test("the lock of a dead owner is taken over by one, and stays taken when a third comes", () => {
  const directory = scratchDirectory();
  take(directory, 1, { 1: true });
  const release = take(directory, 2, { 1: false, 2: true });
  expect(() => take(directory, 3, { 1: false, 2: true, 3: true })).toThrow("by process 2");
  release();
  expect(readdirSync(directory)).toEqual([]);
});

test.each([
  ["another machine's owner", "unknown" as const],
  ["a live owner", true as const],
])("%s keeps its lock", (_, alive) => {
  const directory = scratchDirectory();
  take(directory, 1, { 1: true });
  expect(() => take(directory, 2, { 1: alive })).toThrow("Another ship is at work");
});

test("a lock that cannot be read is nobody's to take, and its file is named", () => {
  const directory = scratchDirectory();
  writeFileSync(join(directory, "lock.1"), "{");
  expect(() => take(directory, 2, {})).toThrow(
    expect.objectContaining({ code: "SHIP_IN_PROGRESS", hint: expect.stringContaining(join(directory, "lock.1")) }),
  );
});

test("a process is known by its start time too: a reused pid is a dead owner", () => {
  const self = systemProcesses.self();
  expect(systemProcesses.isAlive(self)).toBe(true);
  expect(systemProcesses.isAlive({ ...self, startTime: "0" })).toBe(false);
  expect(systemProcesses.isAlive({ ...self, pid: 2 ** 22 + 1 })).toBe(false);
  expect(systemProcesses.isAlive({ ...self, host: "elsewhere" })).toBe("unknown");
});
