import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { createGround } from "../support/repository.ts";
import { createParties, type Document } from "./session-ground.ts";

const sessionsOf = (clone: ReturnType<typeof createGround>["clone"]) =>
  clone.bulkheadJson<{ sessions: Document[] }>(["sessions"]).json.sessions;

/** Waits until something holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(30);
}

test("run makes the item's worktree, claims, runs the command there, keeps its end and gives the claim back", () => {
  const { clone } = createGround();
  const inside = "pwd; git branch --show-current; git commit -q --allow-empty -m work && echo committed; exit 7";
  const { exitCode, stdout, stderr } = clone.bulkhead(["run", "X-1", "--", "sh", "-c", inside]);
  expect({ exitCode, stdout }).toEqual({
    exitCode: 7,
    stdout: `${join(clone.path, ".worktrees/X-1")}\nfeat/X-1\ncommitted\n`,
  });
  expect(stderr).toContain("X-1 is free again");
  expect(sessionsOf(clone)).toEqual([]);
  const { events } = clone.bulkheadJson<{ events: Document[] }>(["events"]).json;
  expect(events.map((event) => event.event_type)).toEqual(["released", "claimed", "created"]);
});

test("run's command has arguments, options and input of its own, and --json keeps standard output for the document", () => {
  const { clone } = createGround();
  const script = "process.stdin.pipe(process.stdout); console.error(process.argv.slice(1).join(' '))";
  const { exitCode, stdout, stderr } = clone.bulkhead(
    ["run", "X-1", "--json", "--here", "--", process.execPath, "-e", script, "--", "--json", "-C", "a  b"],
    { input: "from a pipe" },
  );
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    sd_id: "X-1",
    path: clone.path,
    exit_code: 0,
    signal: null,
    released: true,
  });
  expect(stderr).toContain("--json -C a  b");
  expect(stderr).toContain("from a pipe");
});

test("a command that cannot be started, or that a signal ends, leaves no claim", () => {
  const { clone } = createGround();
  const missing = clone.bulkheadJson<Document>(["run", "X-1", "--here", "--", "no-such-program"]);
  expect(missing).toMatchObject({ exitCode: 3, json: { error: { code: "COMMAND_NOT_STARTED" } } });
  expect(clone.bulkhead(["run", "X-1", "--here", "--", "sh", "-c", "kill -ABRT $$"]).exitCode).toBe(134);
  expect(sessionsOf(clone)).toEqual([]);
  expect(clone.bulkhead(["run", "X-1", "--here"]).exitCode).toBe(2);
});

test("signals are passed on, also a second one, and the claim is given back when the command has ended", async () => {
  const { clone } = createGround();
  const script = `
    const note = (text) => require("fs").appendFileSync("signals", text + "\\n");
    let count = 0;
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => { note(name); if (++count === 3) process.exit(5); });
    note("ready"); setInterval(() => {}, 1000);`;
  const { child, finished } = clone.startBulkhead(["run", "X-1", "--here", "--", process.execPath, "-e", script]);
  const noted = () =>
    existsSync(join(clone.path, "signals")) ? readFileSync(join(clone.path, "signals"), "utf8") : "";
  await until(() => noted() === "ready\n");
  for (const [signal, count] of [
    ["SIGINT", 2],
    ["SIGTERM", 3],
    ["SIGHUP", 4],
  ] as const) {
    child.kill(signal);
    await until(() => noted().split("\n").length > count);
  }
  expect((await finished).exitCode).toBe(5);
  expect(noted()).toBe("ready\nSIGINT\nSIGTERM\nSIGHUP\n");
  expect(sessionsOf(clone)).toEqual([]);
});

test("a run that is killed leaves a claim whose owner is proven gone: the next one takes it at once", async () => {
  const { clone, b } = createParties();
  const wait = "require('fs').writeFileSync('ready', String(process.pid)); setInterval(() => {}, 1000)";
  const { child, finished } = clone.startBulkhead(["run", "X-1", "--here", "--", process.execPath, "-e", wait]);
  await until(() => existsSync(join(clone.path, "ready")));
  expect(b.json("start", "X-1").json.error?.code).toBe("GATE_MULTI_SESSION_CLAIM_CONFLICT");
  child.kill("SIGKILL");
  // The command goes on without it, and holds its output open.
  process.kill(Number(readFileSync(join(clone.path, "ready"), "utf8")), "SIGKILL");
  await finished;
  expect(b.json("start", "X-1")).toMatchObject({ exitCode: 0, json: { took_over_because: "process_gone" } });
});

test("what runs in it speaks for its session, whichever agent it is; an item that this terminal had before stays", () => {
  const { clone, a } = createParties();
  const cli = clone.bulkheadCommand();
  const agent = { env: { CLAUDE_CODE_SESSION_ID: "agent-1" } };
  const inside = `${cli} start X-1 && ${cli} release --json`;
  const { exitCode, stdout } = clone.bulkhead(["run", "X-1", "--here", "--", "sh", "-c", inside], agent);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("X-1 is yours already") });
  expect(stdout).toContain('"released_sd":"X-1"');
  a.run("start", "Y-2");
  expect(a.json("run", "Y-2", "--", "true")).toMatchObject({ exitCode: 0, json: { released: false } });
  expect(sessionsOf(clone)).toMatchObject([{ sd_id: "Y-2", status: "active" }]);
});
