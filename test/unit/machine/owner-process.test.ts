import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { findOwnerProcess, identify, processLiveness } from "../../../src/machine/owner-process.ts";
import {
  type ProcessEntry,
  type ProcessTable,
  parseProcStat,
  psTable,
  systemProcessTable,
} from "../../../src/machine/process-table.ts";
import { machineIdentity, terminalIdentity } from "../../../src/machine/terminal-identity.ts";
import { startSleeper } from "../../support/sleeper.ts";

const SELF = 100;

/** A table of ancestors: each process's parent is the next one in the list. */
function ancestry(names: readonly string[], own: Partial<ProcessEntry> = {}): ProcessTable {
  const entries = ["node", ...names].map((name, i) => {
    const parent = i === names.length ? 1 : SELF - i - 1;
    return {
      pid: SELF - i,
      parent,
      name,
      startedAt: `boot.space.${i}`,
      tty: null,
      sessionLeader: null,
      ...(i === 0 ? own : {}),
    };
  });
  return (pid) => entries.find((entry) => entry.pid === pid) ?? null;
}

test.each([
  ["an agent behind npm and shells", ["sh", "npm run x", "bash", "claude", "zsh"], 96],
  ["an editor", ["bash", "code"], 98],
  ["what runs behind a login shell", ["-bash", "node", "MainThread", "agent.exe"], 96],
])("the owner is the nearest ancestor that is no shell, npm or node: %s", (_, names, pid) => {
  expect(findOwnerProcess(ancestry(names), SELF)?.pid).toBe(pid);
});

test.each([
  ["shells and runners only", ["sh", "npm", "pwsh", "cmd.exe"]],
  ["nothing", []],
])("there is no owner above %s", (_, names) => {
  expect(findOwnerProcess(ancestry(names), SELF)).toBeNull();
});

test("a terminal's session leader owns what is typed there", () => {
  const table = ancestry(["npm", "tool", "zsh"], { tty: "/dev/pts/1", sessionLeader: 97 });
  expect(findOwnerProcess(table, SELF)).toEqual({ pid: 97, startedAt: "boot.space.3" });
});

test("without a terminal the session leader does not count", () => {
  expect(findOwnerProcess(ancestry(["npm", "tool", "zsh"], { sessionLeader: 97 }), SELF)?.pid).toBe(98);
});

test("a session leader that has ended, or is the command itself, does not count", () => {
  const gone = ancestry(["tool"], { tty: "/dev/pts/1", sessionLeader: 4242 });
  const itself = ancestry(["tool"], { tty: "/dev/pts/1", sessionLeader: SELF });
  expect([gone, itself].map((table) => findOwnerProcess(table, SELF)?.pid)).toEqual([99, 99]);
});

test("a system that tells nothing of its processes has no owner to give", () => {
  expect(findOwnerProcess(() => "unknown", SELF)).toBeNull();
  expect(identify(() => "unknown", 7)).toEqual({ pid: 7, startedAt: null });
  expect(processLiveness(() => "unknown", { pid: 7, startedAt: null })).toBe("unknown");
});

test("a line of /proc is read whatever the process is called", () => {
  const name = "odd) name (x";
  const fields = "S 42 1 77 34817 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 987654 0";
  expect(parseProcStat(`4711 (${name}) ${fields}`, "boot.9")).toEqual({
    pid: 4711,
    parent: 42,
    name,
    startedAt: "boot.9.987654",
    tty: "/dev/pts/1",
    sessionLeader: 77,
  });
});

test("a process that has ended and is only waited for is gone", () => {
  expect(parseProcStat("5 (x) Z 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9 0", "b")).toBeNull();
});

test("the table of ps is read with its terminals and session leaders", () => {
  const table = psTable(() =>
    [
      "  501     1 Ss   ttys001  Sun Mar  1 10:00:00 2026 -zsh",
      "  502   501 S+   ttys001  Sun Mar  1 10:00:05 2026 /usr/local/bin/node",
      "  503     1 S    ??       Sun Mar  1 10:00:06 2026 /Applications/Some App",
      "  504     1 Z    ??       Sun Mar  1 10:00:06 2026 (dead)",
    ].join("\n"),
  );
  expect(table(502)).toMatchObject({ parent: 501, name: "node", tty: "/dev/ttys001", sessionLeader: 501 });
  expect(table(502)).toMatchObject({ startedAt: "Sun Mar 1 10:00:05 2026" });
  expect(table(503)).toMatchObject({ tty: null, sessionLeader: null });
  expect([table(504), table(505)]).toEqual([null, null]);
});

test("a ps that cannot run is not an empty table", () => {
  const table = psTable(() => {
    throw new Error("no ps here");
  });
  expect(table(1)).toBe("unknown");
});

test("a real process is alive until it is killed, and another start time is another process", async () => {
  const table = systemProcessTable();
  const { pid, kill } = startSleeper();
  const named = identify(table, pid);
  if (named?.startedAt == null) throw new Error("the process is not in the table");
  expect(processLiveness(table, named)).toBe("alive");
  expect(processLiveness(table, { pid, startedAt: `${named.startedAt}0` })).toBe("gone");
  expect(processLiveness(table, { pid, startedAt: null })).toBe("unknown");
  await kill();
  expect(processLiveness(systemProcessTable(), named)).toBe("gone");
});

test.runIf(process.platform === "linux")(
  "a process of another process namespace is not judged, one before the reboot is gone",
  () => {
    const table = systemProcessTable();
    const own = identify(table, process.pid);
    const [boot, space, start] = own?.startedAt?.split(".") ?? [];
    expect(processLiveness(table, { pid: 999_999_999, startedAt: `${boot}.0${space}.${start}` })).toBe("unknown");
    expect(processLiveness(table, { pid: 999_999_999, startedAt: `other.0${space}.${start}` })).toBe("gone");
  },
);

test("a process killed but not yet waited for by its parent is gone", () => {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  const named = identify(systemProcessTable(), child.pid ?? 0);
  if (named === null) throw new Error("the process did not start");
  child.kill("SIGKILL");
  // Without a turn of the event loop nobody waits for it: it stays as a zombie.
  let state = "alive";
  for (let i = 0; i < 200 && state !== "gone"; i++) {
    execFileSync("true");
    state = processLiveness(systemProcessTable(), named);
  }
  expect(state).toBe("gone");
});

test("a terminal's id is made of its path alone, its identity of the machine too", () => {
  const digest = createHash("sha256").update("/dev/pts/3").digest("hex").slice(0, 12);
  expect(terminalIdentity("m1", "/dev/pts/3", 7)).toEqual({
    id: `tty-${digest}`,
    identity: `m1:tty-${digest}`,
    tty: "/dev/pts/3",
  });
});

test.skipIf(process.platform === "win32")("without a terminal the parent process stands for it", () => {
  expect(terminalIdentity("m1", null, 7)).toEqual({ id: "win-ppid-7", identity: "m1:win-ppid-7", tty: null });
});

test("a machine keeps its name and shares it with no other host name", () => {
  expect(machineIdentity("a")).toBe(machineIdentity("a"));
  expect(machineIdentity("a")).not.toBe(machineIdentity("b"));
  expect(machineIdentity("a")).toMatch(/^[0-9a-f]{12}$/);
});
