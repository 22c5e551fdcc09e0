import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { nextRun, SCHEDULERS, scheduleFiles, withCronLine } from "../../src/recover/schedule.ts";
import { createGround, type Ground } from "../support/repository.ts";

interface Schedule {
  readonly installed: boolean;
  readonly scheduler: string | null;
  readonly next_run: string | null;
  readonly last_run: {
    readonly lost: number;
    readonly new: number;
    readonly kept: number;
    readonly error: string | null;
  } | null;
  readonly files: readonly { readonly path: string }[];
}

const isThere = (program: string) =>
  (process.env.PATH ?? "").split(delimiter).some((entry) => existsSync(join(entry, program)));

/** A table of cron, and a systemd of a user, that are files: the real ones belong to whoever runs the tests. */
function withSchedulers({ clone, directory }: Ground) {
  const bin = join(directory, "bin");
  mkdirSync(bin);
  const table = join(directory, "table");
  const crontab = `[ "$1" = -l ] || { cat "$1" > '${table}'; exit; }\n[ -f '${table}' ] || { echo no crontab >&2; exit 1; }\ncat '${table}'`;
  const systemctl = `echo "$@" >> '${directory}/systemctl.log'\n[ -z "$NO_SYSTEMD" ] || exit 1`;
  for (const [name, body] of Object.entries({ crontab, systemctl })) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
  clone.env.PATH = `${bin}${delimiter}${clone.env.PATH}`;
  return { table, log: join(directory, "systemctl.log") };
}

describe("when and where", () => {
  const at = (text: string) => new Date(`2026-03-04T${text}:00`);
  test.each([
    ["hourly", at("10:00"), at("10:17")],
    ["hourly", at("10:17"), at("11:17")],
    ["daily", at("03:16"), at("03:17")],
    ["daily", at("03:17"), new Date("2026-03-05T03:17:00")],
    ["weekly", at("10:00"), new Date("2026-03-09T03:17:00")],
    ["weekly", new Date("2026-03-09T03:18:00"), new Date("2026-03-16T03:17:00")],
  ] as const)("%s after %s", (every, after, next) => {
    expect(nextRun(every, after)).toEqual(next);
  });

  test("words with spaces, quotes and percent signs reach each scheduler as they are", () => {
    const command = ["/bin/sh", `/a b/"c"/100%/it's/$HOME/<x>&`];
    const job = { id: "1f", command, every: "daily", clone: "/a b\n" } as const;
    const all = Object.fromEntries(SCHEDULERS.map((name) => [name, scheduleFiles(name, job)[0]?.content ?? ""]));
    expect(all.systemd).toContain(`ExecStart="/bin/sh" "/a b/\\"c\\"/100%%/it's/$$HOME/<x>&"`);
    expect(all.cron).toContain(`'/bin/sh' '/a b/"c"/100\\%/it'\\''s/$HOME/<x>&' >/dev/null`);
    expect(all.launchd).toContain("<string>/a b/&quot;c&quot;/100%/it's/$HOME/&lt;x&gt;&amp;</string>");
    expect(all["task-scheduler"]).toContain(
      `<Arguments>&quot;/a b/\\&quot;c\\&quot;/100%/it's/$HOME/&lt;x&gt;&amp;&quot;`,
    );
  });

  test("a table of cron keeps every other line", () => {
    const line = scheduleFiles("cron", { id: "1f", command: ["x"], every: "hourly", clone: "c" })[0]?.content ?? "";
    const with2 = withCronLine(withCronLine("MAILTO=me\n0 1 * * * other", "1f", line), "1f", line);
    expect(with2).toBe(`MAILTO=me\n0 1 * * * other\n${line}`);
    expect(withCronLine(with2, "1f", null)).toBe("MAILTO=me\n0 1 * * * other\n");
    expect(withCronLine("", "1f", null)).toBe("");
  });

  test("systemd's own checker takes the files, where there is one", () => {
    if (!isThere("systemd-analyze")) return;
    const { clone, directory } = createGround();
    for (const every of ["hourly", "daily", "weekly"] as const) {
      const files = scheduleFiles("systemd", {
        id: every,
        command: ["/bin/true", `a "b" 100% $c`],
        every,
        clone: "/c d",
      });
      for (const { name, content } of files) writeFileSync(join(directory, name), content);
      const paths = files.map(({ name }) => join(directory, name));
      // A system without a running manager says so beside its verdict; complaints name the file.
      const { stderr } = clone.run("systemd-analyze", ["verify", ...paths], { check: false });
      expect(stderr.split("\n").filter((line) => line.includes(`bulkhead-recover-${every}`))).toEqual([]);
      const calendar = /OnCalendar=(.*)/.exec(files[1]?.content ?? "")?.[1] ?? "";
      expect(clone.run("systemd-analyze", ["calendar", calendar]).exitCode).toBe(0);
    }
  });

  test("plutil takes the list, where there is one", () => {
    if (!isThere("plutil")) return;
    const { clone, directory } = createGround();
    const [file] = scheduleFiles("launchd", { id: "1f", command: ["/bin/sh", "<&>"], every: "weekly", clone: "c" });
    writeFileSync(join(directory, "job.plist"), file?.content ?? "");
    clone.run("plutil", ["-lint", join(directory, "job.plist")]);
  });
});

test("install, the command line that it wrote, status, the word to the session, remove", () => {
  const ground = createGround();
  const { clone } = ground;
  const { table } = withSchedulers(ground);
  clone.env.NO_SYSTEMD = "1";
  writeFileSync(table, "0 1 * * * other\n");
  expect(clone.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
  expect(clone.bulkhead(["start", "FEAT-1"]).exitCode).toBe(0);
  clone.bulkhead(["events"]);
  const install = clone.bulkhead(["recover", "schedule", "install", "--hourly"]);
  expect(install.stderr).toBe("");
  expect(install.stdout).toMatch(/^Scheduled hourly by cron: /);
  clone.commit("one");
  const two = clone.commit("two");
  clone.git("reset", "-q", "--hard", "HEAD~2");
  const [, line = ""] = /^17 \* \* \* \* (.*)$/m.exec(readFileSync(table, "utf8")) ?? [];
  // As cron runs it: by sh, in the home directory, with hardly an environment; a percent sign is escaped in the table.
  const env = { ...clone.env, PATH: "/usr/bin:/bin" };
  const run = clone.at(ground.directory).run("sh", ["-c", line.replaceAll("\\%", "%")], { env });
  expect(run).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  const status = clone.bulkheadJson<Schedule>(["recover", "schedule", "status"]).json;
  expect(status).toMatchObject({
    installed: true,
    scheduler: "cron",
    last_run: { lost: 2, new: 2, kept: 1, error: null },
  });
  expect(clone.git("rev-parse", "refs/bulkhead/rescue^1")).toBe(two);
  const { events } = clone.bulkheadJson<{ events: Record<string, unknown>[] }>([
    "events",
    "--type",
    "commit_lost",
  ]).json;
  expect(events).toHaveLength(2);
  // Told once, by whichever command comes first that people read; json is for scripts.
  const told = clone.bulkhead(["status"]).stderr;
  expect(told).toMatch(
    /2 commits of yours were lost at \d\d:\d\d by `reset: moving to HEAD~2` in .*clone\. Bring back: git bulkhead recover --recover [0-9a-f]{7}\n/,
  );
  expect(clone.bulkhead(["status"]).stderr).not.toContain("lost");
  clone.run("sh", ["-c", line.replaceAll("\\%", "%")], { env });
  expect(clone.bulkhead(["status"]).stderr).not.toContain("lost");
  const again = clone.bulkheadJson<Schedule>(["recover", "schedule", "status"]).json;
  expect(again.last_run).toMatchObject({ lost: 2, new: 0 });
  expect(clone.bulkhead(["recover", "schedule", "remove"]).exitCode).toBe(0);
  expect(readFileSync(table, "utf8")).toBe("0 1 * * * other\n");
  expect(clone.bulkheadJson<Schedule>(["recover", "schedule"]).json).toMatchObject({
    installed: false,
    next_run: null,
  });
});

test("systemd where it is at work: unit files, enabled and taken back; --dry-run writes nothing", () => {
  const ground = createGround();
  const { clone } = ground;
  const { log } = withSchedulers(ground);
  const before = clone.snapshot();
  const dry = clone.bulkhead(["recover", "schedule", "install", "--weekly", "--dry-run"]);
  expect(dry.stdout).toContain("OnCalendar=Mon *-*-* 03:17:00");
  expect(clone.snapshot()).toBe(before);
  const { files } = clone.bulkheadJson<Schedule>(["recover", "schedule", "install"]).json;
  for (const { path } of files) expect(existsSync(path)).toBe(true);
  expect(readFileSync(log, "utf8")).toMatch(/enable --now bulkhead-recover-[0-9a-f]+\.timer\n$/);
  expect(clone.bulkhead(["recover", "schedule", "remove"]).exitCode).toBe(0);
  for (const { path } of files) expect(existsSync(path)).toBe(false);
});

test("neither of them: nothing is scheduled, and it says what to run", () => {
  const { clone } = createGround();
  const { exitCode, json } = clone.bulkheadJson<{ error: { code: string; hint: string } }>(
    ["recover", "schedule", "install"],
    {
      env: {
        PATH: (process.env.PATH ?? "")
          .split(delimiter)
          .filter((entry) => !existsSync(join(entry, "crontab")))
          .join(delimiter),
      },
    },
  );
  // Where this machine's user has a systemd at work, there is a scheduler after all.
  if (exitCode === 0) clone.bulkhead(["recover", "schedule", "remove"]);
  else expect([exitCode, json.error.code]).toEqual([3, "SCHEDULER_MISSING"]);
});
