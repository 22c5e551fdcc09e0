import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { main } from "../../../src/commands/main.ts";
import { COMMANDS } from "../../../src/commands/registry.ts";
import { describeUnknownSettings } from "../../../src/config/settings.ts";
import { createGround } from "../../support/repository.ts";
import { scratchDirectory } from "../../support/scratch.ts";

// The build puts it in.
Object.assign(globalThis, { __BULKHEAD_VERSION__: "0.0.0" });

/** Runs a command line in this process. No clone is opened before its words are found right. */
async function say(words: readonly string[], cwd = "/nowhere/at/all") {
  const said = { stdout: "", stderr: "" };
  const into = (stream: "stdout" | "stderr") => ({
    write: (text: string) => {
      said[stream] += text;
    },
  });
  const surroundings = { env: {}, stdout: into("stdout"), stderr: into("stderr"), cwd: () => cwd };
  const exitCode = await main(words, surroundings);
  return { exitCode, ...said };
}

const words = (line: string) => line.split(" ").filter(Boolean);

describe("a wrong word is refused by name, with the one that was probably meant", () => {
  test.each([
    ["stats", "'stats' is not a bulkhead command. Did you mean 'status'?"],
    ["worktre --list", "'worktre' is not a bulkhead command. Did you mean 'worktree'?"],
    ["shpi", "'shpi' is not a bulkhead command. Did you mean 'ship'?"],
    ["quite-different", "'quite-different' is not a bulkhead command."],
    ["help recovr", "'recovr' is not a bulkhead command. Did you mean 'recover'?"],
    ["doctor --verbos", "Unknown option '--verbos'. Did you mean '--verbose'?"],
    ["init --proteckt main", "Unknown option '--proteckt'. Did you mean '--protect'?"],
    ["ship --dry-rum", "Unknown option '--dry-rum'. Did you mean '--dry-run'?"],
    ["status --jsn", "Unknown option '--jsn'. Did you mean '--json'?"],
    ["events --type claimd", "'claimd' is no type of event. Did you mean 'claimed'?"],
    ["events --type nope", "'nope' is no type of event. There are: "],
    ["db migrat", "Did you mean 'migrate'?"],
    ["keeper strat", "'strat' is not run, start, stop or status. Did you mean 'start'?"],
    ["ship --method squish", "Allowed choices are merge, squash, rebase."],
  ])("%s", async (line, sentence) => {
    const { exitCode, stdout, stderr } = await say(words(line));
    expect([exitCode, stdout, stderr.split("\n").length]).toEqual([2, "", 3]);
    expect(stderr).toContain(sentence);
  });

  test("a setting in git's configuration", () => {
    const entry = (key: string) => ({ key, value: "main", scope: "local" });
    const known = ["bulkhead.protect", "bulkhead.requiresession", "core.bare", "alias.bulkhead"].map(entry);
    expect(describeUnknownSettings(known)).toEqual([]);
    const wrong = ["bulkhead.protcet", "bulkhead.protcet", "bulkhead.requiresesion", "bulkhead.wholly.other"].map(
      entry,
    );
    expect(describeUnknownSettings(wrong)).toEqual([
      "git config bulkhead.protcet (local) is no setting of Bulkhead. Did you mean 'protect'?",
      "git config bulkhead.requiresesion (local) is no setting of Bulkhead. Did you mean 'requireSession'?",
      "git config bulkhead.wholly.other (local) is no setting of Bulkhead.",
    ]);
  });

  test("init and doctor say so of a setting that does nothing", () => {
    const { clone } = createGround();
    clone.git("config", "bulkhead.protcet", "main");
    expect(clone.bulkhead(["init"]).stderr).toBe(
      "bulkhead: git config bulkhead.protcet (local) is no setting of Bulkhead. Did you mean 'protect'?\n",
    );
    expect(clone.bulkhead(["doctor"]).stdout.replace(/\n +/g, " ")).toContain(
      "warning settings: git config bulkhead.protcet",
    );
  });
});

describe("words that contradict each other, or would be left out of account, are refused by name", () => {
  test.each([
    ["init --scripts --no-scripts", "--scripts and --no-scripts"],
    ["init --prepare --no-scripts", "--prepare and --no-scripts"],
    ["init --remove --protect main", "--remove goes with --dry-run only"],
    ["init --remove --prepare", "--remove goes with --dry-run only"],
    ["init --quiet --scripts", "--scripts does not go with it"],
    ["init --quiet --prepare", "--prepare does not go with it"],
    ["worktree --list --adopt", "--list and --adopt"],
    ["worktree --path --list", "--list and --path"],
    ["worktree --trash --restore x", "--restore and --trash"],
    ["worktree x --setup --no-setup", "--setup and --no-setup"],
    ["worktree x --dry-run", "--dry-run does not go with: worktree <item>"],
    ["worktree x --list", "'x' is one word too many for: worktree --list"],
    ["worktree x --adopt", "'x' is one word too many for: worktree --adopt"],
    ["worktree --merged", "--merged does not go with: worktree --list"],
    ["worktree --list --no-symlink", "--no-symlink does not go with: worktree --list"],
    ["worktree --adopt --branch x", "--branch does not go with: worktree --adopt"],
    ["worktree --cleanup x --base main", "--base does not go with: worktree --cleanup"],
    ["worktree --cleanup x --dry-run", "--dry-run does not go with: worktree --cleanup"],
    ["worktree --cleanup --merged --force", "--force does not go with: worktree --cleanup --merged"],
    ["worktree --path x --open ls", "--open does not go with: worktree --path"],
    ["worktree x --porcelain", "--porcelain does not go with: worktree <item>"],
    ["worktree x --session y", "Name one item or one session"],
    ["ship 1 --branch x", "not both"],
    ["ship --queue --auto", "not both"],
    ["ship --queue --method squash", "not both"],
    ["ship --keep-branch --delete-branch", "not both"],
    ["ship --title x", "go with --create"],
    ["ship --draft", "go with --create"],
    ["ship --until 2h", "go with: ship freeze"],
    ["ship freeze --until 2", "'2' is no time."],
    ["ship freeze --until 18:00", "'18:00' is no time."],
    ["ship --undo --push", "--push does not go with: ship --undo"],
    ["ship --undo --keep-branch", "--keep-branch does not go with: ship --undo"],
    ["ship status --dry-run", "--dry-run does not go with: ship status"],
    ["ship freeze --dry-run", "--dry-run does not go with: ship freeze"],
    ["ship unfreeze --push", "--push does not go with: ship unfreeze"],
    ["ship 1 2", "Give one pull request"],
    ["recover --all --hours 3", "--hours and --all"],
    ["recover --recover abc --deep", "no option of the scan"],
    ["recover --recover abc --protect", "no option of the scan"],
    ["db status --to 20260130", "--to goes with rollback, not with status"],
    ["db migrate --days 3", "--days goes with prune, not with migrate"],
    ["guard", "--check"],
    ["start", "Missing required argument 'item'"],
    ["start A-1 B-1", "'B-1' is one word too many for 'start'"],
    ["release A-1 B-1", "'B-1' is one word too many for 'release'"],
    ["expect main other", "'other' is one word too many for 'expect'"],
    ["events --limit 0", "--limit takes a number above 0"],
    ["start A-1 -C", "argument missing"],
    ["-C", "argument missing"],
    ["-C --quiet status", "It takes a directory"],
    ["-C status", "-C takes a directory, and there is none named 'status'"],
  ])("%s", async (line, sentence) => {
    const { exitCode, stdout, stderr } = await say(words(line));
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: expect.stringContaining(sentence),
    });
  });
});

describe("help fits a screen of 24 lines and 80 columns, with an example of each command", () => {
  const armed = () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, ".git", "bulkhead"), { recursive: true });
    for (const file of ["HEAD", "bulkhead/launch.sh"]) writeFileSync(join(directory, ".git", file), "");
    return directory;
  };
  const lines = (text: string) => text.replace(/\n$/, "").split("\n");

  test("the program's", async () => {
    const { stdout } = await say(["help"], armed());
    expect(lines(stdout).length).toBeLessThanOrEqual(24);
    for (const name of Object.keys(COMMANDS)) if (!COMMANDS[name]?.hidden) expect(stdout).toContain(name);
  });

  test.each(Object.keys(COMMANDS))("%s", async (name) => {
    const place = armed();
    const { exitCode, stdout } = await say(["help", name], place);
    expect(exitCode).toBe(0);
    expect(lines(stdout).length).toBeLessThanOrEqual(24);
    expect(lines(stdout).filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toContain(`  git bulkhead ${name}`);
    // Whatever finds no room is named, and told by --all.
    const all = (await say(["help", name, "--all"], place)).stdout;
    for (const [option] of all.matchAll(/^ {2}(--[a-z-]+)/gm)) expect(stdout).toContain(option.trim());
    if (stdout.includes(`help ${name} --all`)) expect(lines(all).length).toBeGreaterThanOrEqual(24);
  });
});
