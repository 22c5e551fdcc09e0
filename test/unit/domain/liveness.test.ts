import { expect, test } from "vitest";
import { deservesBeat, type LifeSigns, lastSignAge, weighLife } from "../../../src/domain/liveness.ts";

const QUIET: LifeSigns = {
  heartbeatAge: 600,
  local: true,
  process: "none",
  keeper: false,
  guardAge: null,
  activityAge: null,
};

test.each<[string, Partial<LifeSigns>, object]>([
  ["a heartbeat just young enough", { heartbeatAge: 299 }, { state: "alive", signal: "heartbeat", age: 299 }],
  ["a heartbeat just too old", { heartbeatAge: 300 }, { state: "silent", age: 300 }],
  ["an owner process that is there", { process: "alive" }, { state: "alive", signal: "process" }],
  ["one proven gone, whatever else there is", { process: "gone", heartbeatAge: 1, guardAge: 1 }, { state: "gone" }],
  ["a commit within 300 s", { guardAge: 299 }, { state: "alive", signal: "guard", age: 299 }],
  ["a commit 300 s ago", { guardAge: 300 }, { state: "silent" }],
  ["a command within 300 s", { activityAge: 12 }, { state: "alive", signal: "activity", age: 12 }],
  ["a process that cannot be told, with a keeper", { process: "unknown", keeper: true }, { signal: "keeper" }],
  ["a process that cannot be told, without one", { process: "unknown" }, { state: "silent" }],
  ["a keeper, and no process", { keeper: true }, { state: "silent" }],
  ["another machine: only its heartbeat", { local: false, process: "alive", guardAge: 1 }, { state: "silent" }],
  [
    "another machine's process is never proven gone",
    { local: false, process: "gone", heartbeatAge: 1 },
    { state: "alive" },
  ],
])("%s", (_, signs, life) => {
  expect(weighLife({ ...QUIET, ...signs })).toMatchObject(life);
});

test("health goes by the youngest sign that has a time", () => {
  expect(lastSignAge({ ...QUIET, guardAge: 50, activityAge: 70 })).toBe(50);
  expect(lastSignAge({ ...QUIET, local: false, guardAge: 50 })).toBe(600);
});

test.each<[boolean, Partial<LifeSigns>]>([
  [true, { process: "alive" }],
  [true, { process: "unknown" }],
  [false, { process: "gone" }],
  [false, {}],
  [true, { guardAge: 599 }],
  [false, { heartbeatAge: 20, guardAge: 50 }],
  [false, { process: "alive", local: false }],
])("the keeper beats: %s for %o", (beats, signs) => {
  expect(deservesBeat({ ...QUIET, ...signs })).toBe(beats);
});
