import { lstatSync, mkdirSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testEnvironment } from "../support/environment.ts";
import { commitIn, having, scanJson, verdicts } from "../support/recover.ts";
import { ADVERSARIAL_BRANCHES, createGround, TestRepository } from "../support/repository.ts";
import { scratchDirectory } from "../support/scratch.ts";

const HOUR = 3600;
const now = () => Math.floor(Date.now() / 1000);

/** Every file below a directory, with its content, mode and time of change. */
function listing(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const path = join(directory, name);
      const stat = lstatSync(path);
      const content = stat.isFile() ? readFileSync(path).toString("base64") : "";
      return [name, stat.mode, stat.mtimeMs, content].join(" ");
    });
}

/** Commits, and resets the commit away again, both logged so many hours ago. */
function loseAt(
  repository: TestRepository,
  name: string,
  hoursAgo: number,
  commitDate = now() - hoursAgo * HOUR,
): string {
  // The reflog's time is the committer's: the commit is made with one date, and moved away with another.
  const env = (seconds: number) => ({ GIT_COMMITTER_DATE: `${seconds} +0000`, GIT_AUTHOR_DATE: `${seconds} +0000` });
  repository.write(`${name}.txt`, name);
  repository.git("add", "-A");
  const tree = repository.git("write-tree");
  const sha = repository
    .run("git", ["commit-tree", tree, "-p", "HEAD", "-m", name], { env: env(commitDate) })
    .stdout.trim();
  repository.run("git", ["reset", "-q", "--hard", sha], { env: env(now() - hoursAgo * HOUR) });
  repository.run("git", ["reset", "-q", "--hard", "HEAD~1"], { env: env(now() - hoursAgo * HOUR) });
  return sha;
}

describe("the window", () => {
  test("counts from the reflog entry, not from the commit's own date", () => {
    const repository = createGround().clone;
    const recent = loseAt(repository, "old commit, lost now", 1, now() - 2000 * HOUR);
    const old = loseAt(repository, "commit from the future, lost days ago", 50, now() + 5000 * HOUR);
    expect(verdicts(scanJson(repository))).toEqual({ [recent]: "lost" });
    expect(scanJson(repository).older).toBe(1);
    expect(having(scanJson(repository, "--hours", "72"), "lost").sort()).toEqual([recent, old].sort());
    expect(having(scanJson(repository, "--all"), "lost").sort()).toEqual([recent, old].sort());
    expect(scanJson(repository, "--all").window_hours).toBeNull();
  });

  test("counts from the object's time where no log names the commit", () => {
    const repository = createGround().clone;
    const worktree = repository.addWorktree("side", "feat/side");
    worktree.git("switch", "-q", "--detach");
    const sha = worktree.commit("only here");
    repository.git("worktree", "remove", "--force", worktree.path);
    const then = now() - 30 * HOUR;
    utimesSync(join(repository.path, ".git/objects", sha.slice(0, 2), sha.slice(2)), then, then);
    expect(scanJson(repository).commits).toEqual([]);
    expect(verdicts(scanJson(repository, "--hours", "31"))).toEqual({ [sha]: "lost" });
  });

  test("is named in the clean answer, which tells of older ones on stderr only", () => {
    const repository = createGround().clone;
    loseAt(repository, "old", 50);
    const { stdout, stderr, exitCode } = repository.bulkhead(["recover", "--hours", "2", "--exit-code"]);
    expect([stdout, exitCode]).toEqual(["✅ No orphaned commits found in last 2 hours\n", 0]);
    expect(stderr).toContain("1 older than the window");
    expect(repository.bulkhead(["recover", "--hours", "1", "--quiet"])).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
  });

  test("covers gc.reflogExpireUnreachable as it is set", () => {
    const repository = createGround().clone;
    repository.git("config", "gc.reflogExpireUnreachable", "2 days ago");
    const sha = loseAt(repository, "work", 1);
    const found = commitIn(scanJson(repository), sha);
    const kept = (Date.parse(found.expires_at ?? "") - Date.parse(found.last_seen ?? "")) / 1000;
    expect(Math.abs(kept - 2 * 24 * HOUR)).toBeLessThan(60);
    repository.git("config", "gc.reflogExpireUnreachable", "never");
    expect(commitIn(scanJson(repository), sha).expires_at).toBeNull();
  });
});

describe("output", () => {
  test("a clean repository", () => {
    const { clone } = createGround();
    expect(clone.bulkhead(["recover"])).toEqual({
      exitCode: 0,
      stdout: "✅ No orphaned commits found in last 24 hours\n",
      stderr: "",
    });
    expect(clone.bulkhead(["recover", "--all", "--exit-code"]).stdout).toBe("✅ No orphaned commits found\n");
    expect(scanJson(clone)).toMatchObject({ window_hours: 24, commits: [], stacks: [] });
  });

  test("a table with hash, author, files, lines, verdict, subject, and how to go on; --exit-code gives 1", () => {
    const repository = createGround().clone;
    const sha = repository.commit("add parser", { "a.txt": "1\n2\n", "b.txt": "1\n" });
    repository.git("reset", "-q", "--hard", "HEAD~1");
    const { stdout, exitCode } = repository.bulkhead(["recover", "--exit-code"]);
    expect(exitCode).toBe(1);
    const line = stdout.split("\n").find((text) => text.includes("add parser")) ?? "";
    expect(line.trim().split(/ {2,}/)).toEqual([
      sha.slice(0, 7),
      expect.stringMatching(/^\d+s$/),
      "Ada Tester",
      "2",
      "+3 -0",
      "lost",
      "add parser",
    ]);
    expect(stdout).toContain(`left by "reset: moving to HEAD~1" in ${repository.path}`);
    expect(stdout).toMatch(/git gc may delete it in (?:29|30)d/);
    expect(stdout).toContain("recover --recover <sha>");
    expect(repository.bulkhead(["recover"]).exitCode).toBe(0);
  });

  test("control characters and escape sequences of a subject do not reach the terminal", () => {
    const repository = createGround().clone;
    const subject = "evil \u001b[2J\u001b]0;title\u0007 \u009b31m \u202e reversed \u007f";
    repository.write("f.txt", "x");
    repository.git("add", "-A");
    repository.git("commit", "-q", "-m", subject, "--author", "M\u001b[1mallory <m@example.test>");
    const sha = repository.head();
    repository.git("reset", "-q", "--hard", "HEAD~1");
    const { stdout } = repository.bulkhead(["recover"]);
    expect(stdout).toContain("evil ?[2J");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(commitIn(scanJson(repository), sha).subject).toContain("evil \u001b[2J");
  });
});

describe("reading", () => {
  test("changes nothing in the git directory, found or not, deep or not", () => {
    const repository = createGround().clone;
    const worktree = repository.addWorktree("side", "feat/side");
    worktree.commit("amended");
    worktree.git("commit", "-q", "--amend", "-m", "other words");
    repository.commit("lost");
    repository.git("reset", "-q", "--hard", "HEAD~1");
    repository.write("README.md", "changed\n");
    const before = listing(join(repository.path, ".git"));
    for (const args of [[], ["--all"], ["--deep"], ["--exit-code"]]) repository.bulkhead(["recover", ...args]);
    worktree.bulkhead(["recover"]);
    expect(listing(join(repository.path, ".git"))).toEqual(before);
  });

  test("every worktree's log, from any worktree, and names the worktree that lost it", () => {
    const repository = createGround().clone;
    const sides = ["one", "two"].map((name) => repository.addWorktree(`side ${name}`, `feat/${name}`));
    const lost = [repository, ...sides].map((where) => {
      const sha = where.commit(`lost in ${where.path}`);
      where.git("reset", "-q", "--hard", "HEAD~1");
      return [sha, where.path] as const;
    });
    for (const where of [repository, ...sides]) {
      const scan = scanJson(where);
      for (const [sha, path] of lost) expect(commitIn(scan, sha).lost_by?.worktree).toBe(path);
    }
  });

  test("branches and paths with awkward names", () => {
    const repository = createGround().clone;
    const lost = ADVERSARIAL_BRANCHES.map((branch, i) => {
      repository.git("switch", "-q", "-c", branch);
      const sha = repository.commit(`on ${i}`, {
        [`dir ${i}/tab\tnewline\n"quote" \\ ümläut :(glob)*.txt`]: String(i),
      });
      repository.git("switch", "-q", "main");
      repository.git("branch", "-q", "-D", branch);
      return sha;
    });
    expect(having(scanJson(repository), "lost").sort()).toEqual([...lost].sort());
    const amended = repository.commit("amended", { ":(exclude)x\n": "1\n" });
    repository.git("commit", "-q", "--amend", "-m", "again");
    expect(commitIn(scanJson(repository), amended).verdict).toBe("superseded");
  });

  test("a repository whose path has a newline in it", () => {
    const { clone } = createGround({ cloneName: "new\nline" });
    const sha = clone.commit("lost");
    clone.git("reset", "-q", "--hard", "HEAD~1");
    expect(verdicts(scanJson(clone))).toEqual({ [sha]: "lost" });
    expect(clone.bulkhead(["recover"]).stdout).toContain("new?line");
  });

  test("a SHA-256 repository, and recovery there", () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, "home"));
    const repository = new TestRepository(directory, testEnvironment(join(directory, "home")));
    repository.git("init", "-q", "--object-format=sha256", "-b", "main");
    repository.write(".gitignore", "home\n");
    repository.commit("first");
    const amended = repository.commit("amended");
    repository.git("commit", "-q", "--amend", "-m", "again");
    const lost = repository.commit("lost");
    repository.git("reset", "-q", "--hard", "HEAD~1");
    expect(lost).toHaveLength(64);
    expect(verdicts(scanJson(repository))).toEqual({ [amended]: "superseded", [lost]: "lost" });
    expect(scanJson(repository, "--protect").rescue?.added).toEqual([lost]);
    expect(repository.bulkhead(["recover", "--recover", lost]).exitCode).toBe(0);
    expect(verdicts(scanJson(repository))).toEqual({ [amended]: "superseded" });
  });

  test("a shallow clone", () => {
    const { clone, origin, directory } = createGround();
    for (const name of ["two", "three"]) clone.commit(name);
    clone.git("push", "-q");
    clone.git("clone", "-q", "--depth=1", `file://${origin.path}`, join(directory, "shallow"));
    const shallow = clone.at(join(directory, "shallow"));
    const old = shallow.commit("amended", { "a.txt": "a\n" });
    shallow.git("commit", "-q", "--amend", "-m", "again");
    const lost = shallow.commit("lost");
    shallow.git("reset", "-q", "--hard", "HEAD~1");
    expect(verdicts(scanJson(shallow))).toEqual({ [old]: "superseded", [lost]: "lost" });
  });

  test("a bare repository that keeps reflogs", () => {
    const { origin, clone } = createGround();
    origin.git("config", "core.logAllRefUpdates", "true");
    clone.git("switch", "-q", "-c", "feat/x");
    const lost = clone.commit("pushed");
    clone.git("push", "-q", "origin", "feat/x");
    clone.git("reset", "-q", "--hard", "HEAD~1");
    clone.git("push", "-q", "--force", "origin", "feat/x");
    expect(verdicts(scanJson(origin))).toEqual({ [lost]: "lost" });
  });

  test("an unborn branch, and a reflog cut short by a crash", () => {
    const { clone } = createGround();
    const sha = clone.commit("lost");
    clone.git("reset", "-q", "--hard", "HEAD~1");
    const log = join(clone.path, ".git/logs/HEAD");
    clone.write(".git/logs/HEAD", `${readFileSync(log, "utf8")}0123456789 half a li`);
    clone.git("symbolic-ref", "HEAD", "refs/heads/not-yet");
    expect(verdicts(scanJson(clone))).toEqual({ [sha]: "lost" });
    const directory = scratchDirectory();
    mkdirSync(join(directory, "home"));
    const empty = new TestRepository(directory, testEnvironment(join(directory, "home")));
    empty.git("init", "-q", "-b", "main");
    expect(empty.bulkhead(["recover"]).stdout).toBe("✅ No orphaned commits found in last 24 hours\n");
  });

  test("outside a repository: one sentence, exit code 3", () => {
    const directory = scratchDirectory();
    const outside = new TestRepository(directory, testEnvironment(directory));
    const { exitCode, stderr, stdout } = outside.bulkhead(["recover"]);
    expect([exitCode, stdout]).toEqual([3, ""]);
    expect(stderr).toContain("is not inside a git repository");
  });
});
