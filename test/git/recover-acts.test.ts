import { describe, expect, test } from "vitest";
import { testEnvironment } from "../support/environment.ts";
import { type ScanDocument, scanJson, verdicts } from "../support/recover.ts";
import { createGround, TestRepository } from "../support/repository.ts";
import { scratchDirectory } from "../support/scratch.ts";

interface RecoveryDocument {
  readonly recovered: readonly { readonly sha: string; readonly branch: string }[];
  readonly held: readonly { readonly sha: string; readonly refs: readonly string[] }[];
}
interface ErrorDocument {
  readonly error: { readonly code: string; readonly data: Record<string, unknown> };
}

/** A clone with a lost stack of two commits. */
function withLostStack(): { repository: TestRepository; one: string; two: string } {
  const repository = createGround().clone;
  const one = repository.commit("one");
  const two = repository.commit("two");
  repository.git("reset", "-q", "--hard", "HEAD~2");
  return { repository, one, two };
}

function recover(repository: TestRepository, ...shas: string[]): { exitCode: number | null; json: RecoveryDocument } {
  return repository.bulkheadJson<RecoveryDocument>(["recover", "--recover", ...shas]);
}

/** Everything but the branches made by --recover. */
function rest(repository: TestRepository): string {
  return repository
    .snapshot()
    .split("\n")
    .filter((line) => !line.includes("refs/heads/recovery/"))
    .join("\n");
}

describe("--recover", () => {
  test("makes one branch at the tip, which brings the whole stack back; nothing else changes", () => {
    const { repository, one, two } = withLostStack();
    const before = repository.snapshot();
    const { exitCode, json } = recover(repository, two);
    expect(exitCode).toBe(0);
    const [{ branch, sha } = { branch: "", sha: "" }] = json.recovered;
    expect(sha).toBe(two);
    expect(branch).toMatch(new RegExp(`^recovery/${two.slice(0, 7)}-\\d{14}$`));
    expect(repository.git("rev-parse", `refs/heads/${branch}`, `refs/heads/${branch}~1`)).toBe(`${two}\n${one}`);
    expect(rest(repository)).toBe(before);
    expect(scanJson(repository).commits).toEqual([]);
  });

  test("says what to type next, and takes an abbreviated hash in upper case", () => {
    const { repository, two } = withLostStack();
    const { exitCode, stdout } = repository.bulkhead(["recover", "--recover", two.slice(0, 8).toUpperCase()]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^✅ [0-9a-f]{7} is on branch recovery\/[0-9a-f]{7}-\d{14}\nNothing was checked out/);
  });

  test("several at once; the same one twice counts once", () => {
    const { repository, one, two } = withLostStack();
    const { json } = recover(repository, one, two, one);
    expect(json.recovered.map(({ sha }) => sha)).toEqual([one, two]);
  });

  test("a second time says which branch has it, and changes nothing", () => {
    const { repository, two } = withLostStack();
    const [first] = recover(repository, two).json.recovered;
    const before = repository.snapshot();
    const { exitCode, json } = recover(repository, two);
    expect(exitCode).toBe(1);
    expect(json).toEqual({ recovered: [], held: [{ sha: two, short: two.slice(0, 7), refs: [first?.branch] }] });
    expect(repository.snapshot()).toBe(before);
  });

  test("a commit that a branch reaches is not lost: exit 1, nothing changed", () => {
    const { repository } = withLostStack();
    const before = repository.snapshot();
    const { exitCode, stdout } = repository.bulkhead(["recover", "--recover", repository.head()]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/is not lost: main, origin.* Nothing was made\.\n$/);
    expect(repository.snapshot()).toBe(before);
  });

  test("beside a commit that is not lost, the lost one still comes back", () => {
    const { repository, two } = withLostStack();
    const { exitCode, json } = recover(repository, repository.head(), two);
    expect(exitCode).toBe(0);
    expect([json.held.length, json.recovered.length]).toEqual([1, 1]);
  });

  test.each([
    ["an unknown hash", "0123456789012345678901234567890123456789", 3, "COMMIT_NOT_FOUND"],
    ["a word", "HEAD~1", 2, "INVALID_COMMIT"],
    ["an option in disguise", "abc;rm", 2, "INVALID_COMMIT"],
    ["three digits", "abc", 2, "INVALID_COMMIT"],
  ])("%s changes nothing, whatever stands beside it", (_, name, exit, code) => {
    const { repository, two } = withLostStack();
    const before = repository.snapshot();
    const { exitCode, json } = repository.bulkheadJson<ErrorDocument>(["recover", "--recover", two, name]);
    expect([exitCode, json.error.code]).toEqual([exit, code]);
    expect(repository.snapshot()).toBe(before);
  });

  test("an abbreviation of two commits lists both", () => {
    const { repository } = withLostStack();
    const seen = new Map<string, string>();
    let pair: [string, string] | null = null;
    const tree = repository.git("rev-parse", "HEAD^{tree}");
    for (let i = 0; pair === null; i++) {
      const sha = repository.git("commit-tree", tree, "-m", `number ${i}`);
      const other = seen.get(sha.slice(0, 4));
      if (other !== undefined) pair = [other, sha];
      seen.set(sha.slice(0, 4), sha);
    }
    const [one, two] = pair;
    const { exitCode, json } = repository.bulkheadJson<ErrorDocument>(["recover", "--recover", one.slice(0, 4)]);
    expect([exitCode, json.error.code]).toEqual([2, "AMBIGUOUS_COMMIT"]);
    expect([...(json.error.data.commits as string[])].sort()).toEqual([one, two].sort());
  });

  test("a tree is not a commit", () => {
    const { repository } = withLostStack();
    const tree = repository.git("rev-parse", "HEAD^{tree}");
    const { exitCode, json } = repository.bulkheadJson<ErrorDocument>(["recover", "--recover", tree]);
    expect([exitCode, json.error.code]).toEqual([2, "NOT_A_COMMIT"]);
  });

  test("a branch whose name looks like the hash does not stand in for it", () => {
    const { repository, two } = withLostStack();
    repository.git("branch", two.slice(0, 8), "main");
    expect(recover(repository, two.slice(0, 8)).json.recovered.map(({ sha }) => sha)).toEqual([two]);
  });

  test("works in a linked worktree, detached, unborn and bare", () => {
    const { repository, two } = withLostStack();
    const linked = repository.addWorktree("linked", "feat/linked");
    const names: string[] = [];
    const take = (where: TestRepository) => {
      const { exitCode, json } = recover(where, two);
      expect(exitCode).toBe(0);
      const branch = json.recovered[0]?.branch ?? "";
      names.push(branch);
      where.git("update-ref", "-d", `refs/heads/${branch}`);
    };
    take(linked);
    linked.git("switch", "-q", "--detach");
    take(linked);
    linked.git("symbolic-ref", "HEAD", "refs/heads/not-yet");
    take(linked);
    take(linked.at(`${repository.path}/.git`));
    expect(names.every((name) => name.startsWith("recovery/"))).toBe(true);
  });

  test("a branch named 'recovery' is in the way: git says so, nothing is changed", () => {
    const { repository, two } = withLostStack();
    repository.git("branch", "recovery");
    const before = repository.snapshot();
    const { exitCode, json } = repository.bulkheadJson<ErrorDocument>(["recover", "--recover", two]);
    expect([exitCode, json.error.code]).toEqual([3, "GIT_FAILED"]);
    expect(repository.snapshot()).toBe(before);
  });

  test("a dropped stash comes back as a branch", () => {
    const { repository } = withLostStack();
    repository.write("README.md", "changed\n");
    repository.git("stash", "-q");
    const stash = repository.git("rev-parse", "refs/stash");
    repository.git("stash", "drop", "-q");
    const [{ branch } = { branch: "" }] = recover(repository, stash).json.recovered;
    expect(repository.git("show", `${branch}:README.md`)).toBe("changed");
  });
});

describe("--protect", () => {
  const collect = (repository: TestRepository) => {
    repository.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all");
    repository.git("gc", "-q", "--prune=now");
  };

  test("keeps what is lost from gc behind one ref, and it still counts as lost", () => {
    const { repository, one, two } = withLostStack();
    const before = repository.refs();
    const { rescue } = scanJson(repository, "--protect");
    expect(rescue).toEqual({ ref: "refs/bulkhead/rescue", added: [two], dropped: [] });
    expect(
      repository
        .refs()
        .split("\n")
        .filter((line) => !line.startsWith("refs/bulkhead/")),
    ).toEqual(before.split("\n"));
    collect(repository);
    expect(repository.git("cat-file", "-t", two)).toBe("commit");
    const scan = scanJson(repository);
    expect(verdicts(scan)).toEqual({ [one]: "lost", [two]: "lost" });
    expect(scan.commits.map(({ expires_at }) => expires_at)).toEqual([null, null]);
  });

  test("adds to what it kept before, and does nothing when there is nothing new", () => {
    const { repository, two } = withLostStack();
    scanJson(repository, "--protect");
    const three = repository.commit("three");
    repository.git("reset", "-q", "--hard", "HEAD~1");
    expect(scanJson(repository, "--protect").rescue?.added).toEqual([three]);
    const kept = repository.git("rev-parse", "refs/bulkhead/rescue");
    expect(scanJson(repository, "--protect").rescue?.added).toEqual([]);
    expect(repository.git("rev-parse", "refs/bulkhead/rescue")).toBe(kept);
    // One commit, however often it was renewed: nothing is stacked up behind the ref.
    expect(repository.git("log", "-1", "--format=%P", kept).split(" ").sort()).toEqual([two, three].sort());
    collect(repository);
    for (const sha of [two, three]) expect(repository.git("cat-file", "-t", sha)).toBe("commit");
  });

  test("keeps stashes, what an amend dropped and staged content too, from gc and from every task of maintenance", () => {
    const { repository } = withLostStack();
    repository.write("staged.txt", "staged\n");
    repository.git("add", "-A");
    const blob = repository.git("rev-parse", ":staged.txt");
    repository.git("rm", "-q", "-f", "staged.txt");
    repository.write("README.md", "stashed\n");
    repository.git("stash", "-q");
    const stash = repository.git("rev-parse", "refs/stash");
    repository.git("stash", "drop", "-q");
    const amended = repository.commit("work", { "a.txt": "a\n", "b.txt": "precious\n" });
    repository.git("rm", "-q", "-f", "b.txt");
    repository.git("commit", "-q", "--amend", "-m", "work");
    scanJson(repository, "--protect");
    repository.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all");
    for (const task of ["gc", "loose-objects", "incremental-repack", "commit-graph", "pack-refs"]) {
      repository.git("-c", "gc.pruneExpire=now", "maintenance", "run", "--quiet", `--task=${task}`);
    }
    collect(repository);
    for (const sha of [blob, stash, amended]) repository.git("cat-file", "-e", sha);
  });

  test("lets go of what is back or superseded, also outside the window, and of the ref with the last of it", () => {
    const { repository, two } = withLostStack();
    scanJson(repository, "--protect");
    const three = repository.commit("three");
    repository.git("reset", "-q", "--hard", "HEAD~1");
    scanJson(repository, "--protect");
    expect(recover(repository, two).exitCode).toBe(0);
    expect(scanJson(repository, "--protect", "--hours", "0.00001").rescue).toMatchObject({ added: [], dropped: [two] });
    repository.git("cherry-pick", three);
    repository.git("commit", "-q", "--amend", "-m", "said anew");
    expect(scanJson(repository, "--protect").rescue).toMatchObject({ dropped: [three] });
    expect(repository.tryGit(["rev-parse", "-q", "--verify", "refs/bulkhead/rescue"]).exitCode).toBe(1);
  });

  test("in an armed clone it is in nobody's log decoration, and nobody fetches it from here", () => {
    const { repository } = withLostStack();
    expect(repository.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
    scanJson(repository, "--protect");
    expect(repository.git("log", "--all", "--decorate=full", "--format=%D")).not.toContain("bulkhead");
    expect(repository.git("ls-remote", repository.path)).not.toContain("bulkhead");
    repository.git("push", "-q", "--all", "origin");
    expect(repository.git("ls-remote", "origin")).not.toContain("bulkhead");
  });

  test("what it keeps can be brought back, and then lets the scan be clean", () => {
    const { repository, two } = withLostStack();
    scanJson(repository, "--protect");
    collect(repository);
    expect(recover(repository, two).exitCode).toBe(0);
    const scan: ScanDocument = scanJson(repository);
    expect(scan.commits).toEqual([]);
  });
});

describe("usage", () => {
  test.each([
    [["--hours", "0"]],
    [["--hours", "-5"]],
    [["--hours", "soon"]],
    [["--hours", "1e99"]],
    [["--hours", "5", "--all"]],
    [["--recover", "abcd", "--hours", "5"]],
    [["--recover"]],
    [["stray"]],
  ])("%j is refused with exit code 2", (args) => {
    const directory = scratchDirectory();
    const nowhere = new TestRepository(directory, testEnvironment(directory));
    const { exitCode, json } = nowhere.bulkheadJson<ErrorDocument>(["recover", ...args]);
    expect([exitCode, json.error.code]).toEqual([2, "USAGE"]);
  });
});
