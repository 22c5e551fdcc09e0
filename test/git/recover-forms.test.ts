import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { having, scanJson } from "../support/recover.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

interface Recovered {
  readonly recovered: readonly {
    readonly sha: string;
    readonly branch: string | null;
    readonly path: string | null;
    readonly entry: string | null;
    readonly commits: number;
  }[];
  readonly would_recover?: readonly { readonly branch: string | null }[];
  readonly held: readonly { readonly sha: string; readonly refs: readonly string[] }[];
}

/** A lost stack of two, and a dropped stash with an untracked file. */
function ground() {
  const repository = createGround().clone;
  const one = repository.commit("one", { "a.txt": "one\n" });
  const two = repository.commit("two", { "a.txt": "two\n", "dir/b.txt": "two\n" });
  repository.git("reset", "-q", "--hard", "HEAD~2");
  repository.write("README.md", "stashed\n");
  repository.write("untracked.txt", "untracked\n");
  repository.git("stash", "-q", "-u");
  const stash = repository.git("rev-parse", "refs/stash");
  repository.git("stash", "drop", "-q");
  return { repository, one, two, stash };
}

function recover(repository: TestRepository, ...args: string[]): Recovered {
  const { exitCode, json } = repository.bulkheadJson<Recovered>(["recover", "--recover", ...args]);
  if (exitCode !== 0) throw new Error(JSON.stringify(json));
  return json;
}

/** Types the indented commands of a text, each in a shell of its own. */
function type(repository: TestRepository, text: string): void {
  for (const [, command] of text.matchAll(/^ {2}((?:git|cp|cd) .*)$/gm)) repository.run("sh", ["-c", command ?? ""]);
}

describe("--to stash", () => {
  test("a stack comes back as one entry, whose application is the change of all; entries that were there stay", () => {
    const { repository, two } = ground();
    repository.write("README.md", "other\n");
    repository.git("stash", "-q");
    const before = repository.git("rev-parse", "refs/stash");
    const { stdout } = repository.bulkhead(["recover", "--recover", two, "--to", "stash"]);
    expect(repository.git("rev-parse", "stash@{1}")).toBe(before);
    type(repository, stdout);
    expect([repository.read("a.txt"), repository.read("dir/b.txt")]).toEqual(["two\n", "two\n"]);
    expect(having(scanJson(repository), "lost")).toEqual([]);
  });

  test("a dropped stash is the entry that it was, and is not lost any more", () => {
    const { repository, stash } = ground();
    expect(recover(repository, stash, "--to", "stash").recovered).toMatchObject([{ entry: stash }]);
    expect(repository.git("rev-parse", "refs/stash")).toBe(stash);
    const again = repository.bulkheadJson<Recovered>(["recover", "--recover", stash, "--to", "stash"]);
    expect([again.exitCode, again.json.held.map(({ refs }) => refs)]).toEqual([1, [["stash"]]]);
  });
});

test("--to files writes what a stack and a stash changed into new directories, and nothing else", () => {
  const { repository, two, stash } = ground();
  const before = repository.refs();
  const { recovered } = recover(repository, two, stash, "--to", "files");
  const [stack, other] = recovered.map(({ path }) => path ?? "");
  expect(readFileSync(join(stack ?? "", "dir/b.txt"), "utf8")).toBe("two\n");
  expect(existsSync(join(stack ?? "", "README.md"))).toBe(false);
  expect(readFileSync(join(other ?? "", "README.md"), "utf8")).toBe("stashed\n");
  expect(readFileSync(join(other ?? "", "untracked.txt"), "utf8")).toBe("untracked\n");
  expect(repository.refs()).toBe(before);
  expect(repository.read("README.md")).toBe("first\n");
});

test("--to worktree makes one on the recovery branch; a stash is applied in it", () => {
  const { repository, two, stash } = ground();
  expect(repository.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
  const head = repository.head();
  const [stack, other] = recover(repository, two, stash, "--to", "worktree").recovered;
  const tree = repository.at(stack?.path ?? "");
  expect([tree.branch(), tree.head(), tree.read("a.txt")]).toEqual([stack?.branch, two, "two\n"]);
  expect(readFileSync(join(other?.path ?? "", "untracked.txt"), "utf8")).toBe("untracked\n");
  expect([repository.head(), repository.read("README.md")]).toEqual([head, "first\n"]);
});

test("--dry-run says what would be made, and makes nothing", () => {
  const { repository, two } = ground();
  const before = repository.snapshot();
  expect(recover(repository, two, "--dry-run").would_recover).toMatchObject([{ commits: 2 }]);
  const { stdout } = repository.bulkhead(["recover", "--recover", two, "--dry-run", "--to", "files"]);
  expect(stdout).toMatch(/^Would: .*with 1 commit below it,.*\nNothing was changed\.\n$/);
  expect(repository.snapshot()).toBe(before);
});

test("two at the same moment: one makes the branch, the other names it", async () => {
  const { repository, two } = ground();
  const runs = [1, 2, 3].map(() => repository.startBulkhead(["recover", "--recover", two, "--json"]).finished);
  const documents = (await Promise.all(runs)).map(({ stdout }) => JSON.parse(stdout) as Recovered);
  const made = documents.flatMap(({ recovered }) => recovered.map(({ branch }) => branch));
  expect(made).toHaveLength(1);
  expect(documents.flatMap(({ held }) => held.flatMap(({ refs }) => refs))).toEqual([made[0], made[0]]);
  expect(repository.git("branch", "--list", "recovery/*").split("\n")).toHaveLength(1);
});

test("what was brought back is in the log, booked to the session that did it", () => {
  const { repository, two } = ground();
  expect(repository.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
  expect(repository.bulkhead(["start", "FEAT-1"]).exitCode).toBe(0);
  const { sessions } = repository.bulkheadJson<{ sessions: { session_id: string }[] }>(["sessions"]).json;
  recover(repository, two);
  const { events } = repository.bulkheadJson<{ events: Record<string, unknown>[] }>([
    ...["events", "--type", "commit_recovered"],
  ]).json;
  expect(events).toMatchObject([{ session_id: sessions[0]?.session_id, event_data: { sha: two, to: "branch" } }]);
});

test("what clean-up set aside is listed, found by the scan, and comes back by what is printed", () => {
  const { repository } = ground();
  expect(repository.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
  expect(repository.bulkhead(["worktree", "FEAT-2"]).exitCode).toBe(0);
  const path = join(repository.path, ".worktrees/FEAT-2");
  const tree = repository.at(path);
  const lost = tree.commit("only here", { "here.txt": "here\n" });
  tree.git("reset", "-q", "--hard", "HEAD~1");
  expect(repository.bulkhead(["worktree", "FEAT-2", "--cleanup", "--force"]).exitCode).toBe(0);
  const found = scanJson(repository).commits.find(({ sha }) => sha === lost);
  expect(found).toMatchObject({ verdict: "lost", lost_by: { worktree: path } });
  const [, name = ""] = /recover --restore (\S+)/.exec(found?.reason ?? "") ?? [];
  expect(repository.bulkhead(["recover", "--list-saved"]).stdout).toContain(name);
  expect(repository.bulkhead(["recover", "--restore", name]).exitCode).toBe(0);
  expect(tree.git("log", "-g", "--format=%H")).toContain(lost);
});

describe("show", () => {
  test("a lost tip: who lost it, its stack, how long there is, the diff, and the command", () => {
    const { repository, two } = ground();
    const { stdout, exitCode } = repository.bulkhead(["recover", "show", two.slice(0, 8)]);
    expect(exitCode).toBe(0);
    for (const part of [
      /^commit [0-9a-f]{40}\n {4}two\n/,
      /lost: no ref reaches it/,
      /left by "reset: moving to HEAD~2"/,
      /tip of 2 commits/,
      /git gc may delete it in 29d|in 30d/,
      /Bring it back: .*recover --recover [0-9a-f]{7}\n/,
      /\n-one\n\+two\n/,
    ]) {
      expect(stdout).toMatch(part);
    }
  });

  test("an amended commit: the difference from what replaced it; a rebased one: how the patches differ", () => {
    const { repository } = ground();
    const old = repository.commit("work", { "w.txt": "one\nprecious\n" });
    repository.commit("amended", { "w.txt": "one\n" });
    repository.git("reset", "-q", "--soft", "HEAD~1");
    repository.git("commit", "-q", "--amend", "-m", "work");
    const { stdout } = repository.bulkhead(["recover", "show", old]);
    expect(stdout).toMatch(/From it to [0-9a-f]{7}, which replaced it:\n[\s\S]*\n-precious\n/);
  });

  test("a stash, with its untracked files; a commit that a branch has", () => {
    const { repository, stash } = ground();
    const { stdout } = repository.bulkhead(["recover", "show", stash]);
    expect(stdout).toContain(`Bring it back: git stash apply ${stash}`);
    expect(stdout).toMatch(/\n\+stashed\n[\s\S]*\n\+untracked\n/);
    expect(repository.bulkhead(["recover", "show", repository.head()]).stdout).toContain("not lost: main");
  });

  test("no line of a page is wider than 80 columns, but for paths and commands", () => {
    const { repository } = ground();
    const { stdout } = repository.bulkhead(["recover"]);
    const wide = stdout.split("\n").filter((line) => [...line].length > 80);
    expect(wide.filter((line) => !/\/|git stash apply/.test(line))).toEqual([]);
    expect(stdout).toMatch(/ {6}dir\/b\.txt \| \+1 -0/);
  });
});
