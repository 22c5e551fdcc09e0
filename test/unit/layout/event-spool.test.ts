import { spawn } from "node:child_process";
import { appendFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { SpooledEvent } from "../../../src/domain/lifecycle-event.ts";
import { appendEvent, parseSpooledEvent, takeEvents } from "../../../src/layout/event-spool.ts";
import { commonLayout } from "../../../src/layout/paths.ts";
import { scratchDirectory } from "../../support/scratch.ts";

const event = (n: number | string): SpooledEvent => ({
  type: "branch_changed",
  at: "2026-03-01T10:00:00.000Z",
  worktree: "/w/with\nnewline",
  data: { n },
});

test("what was appended is taken over, once", () => {
  const commonDir = scratchDirectory();
  appendEvent(commonDir, event(1));
  appendEvent(commonDir, event(2));
  const taken = takeEvents(commonDir);
  expect(taken.events.map((e) => [e.type, e.at, e.worktree, e.data.n])).toEqual([
    ["branch_changed", "2026-03-01T10:00:00.000Z", "/w/with\nnewline", 1],
    ["branch_changed", "2026-03-01T10:00:00.000Z", "/w/with\nnewline", 2],
  ]);
  taken.finish();
  expect(takeEvents(commonDir).events).toEqual([]);
});

test("a take-over that never finished is repeated with the same ids", () => {
  const commonDir = scratchDirectory();
  appendEvent(commonDir, event(1));
  const first = takeEvents(commonDir);
  appendEvent(commonDir, event(2));
  const second = takeEvents(commonDir);
  expect(second.events.map((e) => e.data.n).sort()).toEqual([1, 2]);
  expect(second.events.map((e) => e.id)).toContain(first.events[0]?.id);
  second.finish();
  expect(readdirSync(commonLayout(commonDir).root)).toEqual([]);
});

test("a line cut short by a full disk costs itself only, and is counted", () => {
  const commonDir = scratchDirectory();
  appendEvent(commonDir, event(1));
  appendFileSync(commonLayout(commonDir).eventSpool, '{"id":"x","type":"bran');
  appendEvent(commonDir, event(2));
  const taken = takeEvents(commonDir);
  expect(taken.events.map((e) => e.data.n)).toEqual([1, 2]);
  expect(taken.unreadable).toBe(1);
});

test("nothing spooled is no event and makes no file", () => {
  const commonDir = scratchDirectory();
  expect(takeEvents(commonDir).events).toEqual([]);
  expect(readdirSync(commonDir)).toEqual([]);
});

test("only the owner may read the spool", () => {
  const commonDir = scratchDirectory();
  appendEvent(commonDir, event(1));
  expect(statSync(commonLayout(commonDir).eventSpool).mode & 0o777).toBe(0o600);
});

test("a spool that cannot be written is told, and holds nothing up", () => {
  const commonDir = scratchDirectory();
  writeFileSync(join(commonDir, "bulkhead"), "in the way");
  expect(appendEvent(commonDir, event(1))).toBe(false);
});

test.each([
  ["no JSON", "{"],
  ["null", "null"],
  ["no id", JSON.stringify({ ...event(1) })],
  ["a type in another shape", JSON.stringify({ ...event(1), id: "x", type: "DROP TABLE" })],
  ["no time", JSON.stringify({ ...event(1), id: "x", at: "yesterday" })],
])("a line with %s is no event", (_, line) => {
  expect(parseSpooledEvent(line)).toBeNull();
});

test("appends by four processes beside repeated take-overs lose nothing and invent nothing", async () => {
  const commonDir = scratchDirectory();
  const each = 150;
  const module = fileURLToPath(new URL("../../../src/layout/event-spool.ts", import.meta.url));
  const script = `import { appendEvent } from ${JSON.stringify(module)};
    for (let i = 0; i < ${each}; i++) appendEvent(process.argv[1], {...${JSON.stringify(event(0))}, data: {n: process.argv[2] + "-" + i}});`;
  const tsx = fileURLToPath(import.meta.resolve("tsx"));
  const writers = [0, 1, 2, 3].map(
    (writer) =>
      new Promise<number | null>((resolve, reject) => {
        const args = ["--import", tsx, "--input-type=module", "-e", script, commonDir, String(writer)];
        spawn(process.execPath, args, { stdio: "inherit" }).on("error", reject).on("close", resolve);
      }),
  );
  let running = true;
  const done = Promise.all(writers).finally(() => {
    running = false;
  });
  const seen = new Map<string, unknown>();
  const take = () => {
    const taken = takeEvents(commonDir);
    expect(taken.unreadable).toBe(0);
    for (const { id, data } of taken.events) seen.set(id, data.n);
    taken.finish();
  };
  while (running) {
    take();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await done).toEqual([0, 0, 0, 0]);
  take();
  expect(new Set(seen.values()).size).toBe(4 * each);
  expect(seen.size).toBe(4 * each);
});
