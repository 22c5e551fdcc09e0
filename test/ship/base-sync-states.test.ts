import { appendFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseBranchName } from "../../src/domain/names.ts";
import { createGit } from "../../src/git/run-git.ts";
import { type SyncResult, syncBase } from "../../src/ship/sync-base.ts";
import { createGround, type Ground, type TestRepository } from "../support/repository.ts";

/** A clone whose remote base is one commit ahead: it changes `README.md`, adds `new.txt`, removes `old.txt`. */
interface Place extends Ground {
  /** Where the ship runs: a linked worktree on a branch of its own. */
  readonly work: TestRepository;
  readonly from: string;
  readonly target: string;
}

function createPlace(): Place {
  const ground = createGround();
  const { clone } = ground;
  clone.write(".gitignore", "ignored.txt\n");
  const from = clone.commit("second", { "old.txt": "old\n", "kept.txt": "kept\n" });
  const tree = clone.run("git", ["mktree"], {
    input: [
      ...clone.git("ls-tree", "HEAD", ".gitignore", "kept.txt").split("\n"),
      ...["README.md", "new.txt", "ignored.txt"].map(
        (name) =>
          `100644 blob ${clone.run("git", ["hash-object", "-w", "--stdin"], { input: "theirs\n" }).stdout.trim()}\t${name}`,
      ),
      "",
    ].join("\n"),
  });
  const target = clone.git("commit-tree", tree.stdout.trim(), "-p", from, "-m", "theirs");
  clone.git("update-ref", "refs/remotes/origin/main", target);
  return { ...ground, work: clone.addWorktree("work", "feat/x"), from, target };
}

/** Runs the sync as a ship in `at` would. */
function sync(place: Place, at: TestRepository = place.work): Promise<SyncResult> {
  const git = createGit(at.path, { env: place.env });
  const base = parseBranchName("main");
  const commonDir = join(place.clone.path, ".git");
  return syncBase({
    git,
    topLevel: at.path,
    commonDir,
    tracking: "refs/remotes/origin/main",
    base,
    env: place.env,
    saveWork: async () => {},
  });
}

/** Everything of a worktree: its HEAD, every file's content, what git says of it, its index. */
function whole(at: TestRepository): string {
  if (!existsSync(at.path)) return "gone";
  const files = at.git("ls-files", "-z", "--cached", "--others").split("\0").filter(Boolean);
  return [
    at.tryGit(["symbolic-ref", "-q", "HEAD"]).stdout || at.git("rev-parse", "HEAD"),
    ...[...new Set(files)].map((file) => `${file}: ${existsSync(join(at.path, file)) ? at.read(file) : "missing"}`),
    at.git("ls-files", "--stage"),
    at.git("status", "--porcelain", "--ignored"),
  ].join("\n");
}

/** The base in a linked worktree of its own, the main checkout on something else. */
function elsewhere({ clone, directory }: Place): TestRepository {
  clone.git("switch", "-q", "-c", "aside");
  clone.git("worktree", "add", "-q", join(directory, "base"), "main");
  return clone.at(join(directory, "base"));
}

function following(place: Place): TestRepository {
  const base = elsewhere(place);
  place.clone.git("config", "extensions.worktreeConfig", "true");
  base.git("config", "--worktree", "bulkhead.followBase", "true");
  return base;
}

const mainRef = ({ clone }: Place) => clone.git("rev-parse", "refs/heads/main");

interface Expected {
  readonly state: SyncResult["state"];
  /** Whether it moves to the target; else it stays where it was. */
  readonly moves: boolean;
  readonly failed?: boolean;
  readonly reason?: string | RegExp;
}

const MOVES: Expected = { state: "updated", moves: true };
const BEHIND: Expected = { state: "behind", moves: false };

/** What was done comes before it, in order. */
const nothing = (..._done: readonly unknown[]) => ({});
const here = ({ clone }: Place, ..._done: readonly unknown[]) => ({ at: clone });

/** Each state of the base: how it is made, and what is right. The worktrees that are given back may change; no other does. */
const STATES: readonly [string, (place: Place) => { changes?: TestRepository[]; at?: TestRepository }, Expected][] = [
  ["checked out nowhere", (p) => nothing(p.clone.git("switch", "-q", "-c", "aside")), MOVES],
  [
    "checked out nowhere, a tag of its name beside it",
    (p) => nothing(p.clone.git("switch", "-q", "-c", "aside"), p.clone.git("tag", "main", "HEAD")),
    MOVES,
  ],
  ["held by a worktree whose directory is gone", (p) => nothing(rmSync(elsewhere(p).path, { recursive: true })), MOVES],
  ["checked out here", (p) => ({ at: p.clone, changes: [p.clone] }), MOVES],
  [
    "checked out here, with edits that are not concerned, staged and not",
    (p) => {
      p.clone.write("kept.txt", "mine\n");
      p.clone.write("staged.txt", "mine\n");
      p.clone.git("add", "staged.txt");
      return { at: p.clone, changes: [p.clone] };
    },
    MOVES,
  ],
  [
    "checked out here, an edit in the way",
    (p) => here(p, p.clone.write("README.md", "mine\n")),
    { ...BEHIND, reason: /could not follow/ },
  ],
  [
    "checked out here, a staged edit in the way",
    (p) => here(p, p.clone.write("README.md", "mine\n"), p.clone.git("add", "README.md")),
    BEHIND,
  ],
  [
    "checked out here, an edit of a file that is removed there",
    (p) => here(p, p.clone.write("old.txt", "mine\n")),
    BEHIND,
  ],
  [
    "checked out here, an untracked file in the way",
    (p) => here(p, p.clone.write("new.txt", "mine\n")),
    { ...BEHIND, reason: /new\.txt would be overwritten/ },
  ],
  [
    "checked out here, an ignored file in the way",
    (p) => here(p, p.clone.write("ignored.txt", "mine\n")),
    { ...BEHIND, reason: /ignored\.txt would be overwritten/ },
  ],
  [
    "checked out here, its index locked",
    (p) => here(p, writeFileSync(join(p.clone.path, ".git/index.lock"), "")),
    BEHIND,
  ],
  [
    "checked out here, being merged",
    (p) => here(p, mergeInto(p.clone)),
    { ...BEHIND, reason: /an operation on main is going on/ },
  ],
  ["in another worktree", (p) => nothing(elsewhere(p)), { ...BEHIND, reason: /main is checked out in/ }],
  [
    "in another worktree that is locked, on a disk that is not there",
    (p) => {
      const base = elsewhere(p);
      p.clone.git("worktree", "lock", base.path);
      rmSync(base.path, { recursive: true });
      return {};
    },
    BEHIND,
  ],
  ["in another worktree that follows", (p) => ({ changes: [following(p)] }), MOVES],
  [
    "in another worktree that follows, with edits that are not concerned",
    (p) => {
      const base = following(p);
      base.write("kept.txt", "mine\n");
      base.write("more.txt", "mine\n");
      base.git("add", "more.txt");
      return { changes: [base] };
    },
    MOVES,
  ],
  [
    "in another worktree that follows, an edit in the way",
    (p) => nothing(following(p).write("README.md", "mine\n")),
    BEHIND,
  ],
  [
    "in another worktree that follows, an untracked file in the way",
    (p) => nothing(following(p).write("new.txt", "mine\n")),
    BEHIND,
  ],
  ["in the main checkout, where no session works", (p) => ({ changes: [p.clone] }), MOVES],
  [
    "in the main checkout of a session",
    (p) => nothing(p.clone.write(".session.json", '{"expectedBranch":"main"}')),
    BEHIND,
  ],
  [
    "in the main checkout, whose session file cannot be read",
    (p) => nothing(p.clone.write(".session.json", "{")),
    BEHIND,
  ],
  [
    "in the main checkout, which is told not to follow",
    (p) => nothing(p.clone.git("config", "bulkhead.followBase", "false")),
    BEHIND,
  ],
  ["being bisected in another worktree that follows", (p) => nothing(following(p).git("bisect", "start")), BEHIND],
  [
    "being rebased in another worktree that follows",
    (p) => {
      const base = following(p);
      base.tryGit(["-c", "sequence.editor=sed -i 1s/^pick/edit/", "rebase", "-i", "HEAD~1"]);
      expect(base.tryGit(["symbolic-ref", "-q", "HEAD"]).exitCode).not.toBe(0);
      return {};
    },
    BEHIND,
  ],
  [
    "diverged, checked out nowhere",
    (p) => nothing(p.clone.commit("mine", { "mine.txt": "mine\n" }), p.clone.git("switch", "-q", "-c", "aside")),
    { state: "diverged", moves: false },
  ],
  [
    "diverged, checked out here",
    (p) => here(p, p.clone.commit("mine", { "mine.txt": "mine\n" })),
    { state: "diverged", moves: false },
  ],
  [
    "diverged in another worktree that follows",
    (p) => nothing(following(p).commit("mine", { "mine.txt": "mine\n" })),
    { state: "diverged", moves: false },
  ],
  [
    "ahead of the remote",
    (p) => {
      p.clone.git("switch", "-q", "-c", "aside");
      const own = p.clone.git("commit-tree", `${p.target}^{tree}`, "-p", p.target, "-m", "mine");
      p.clone.git("update-ref", "refs/heads/main", own);
      return {};
    },
    { state: "current", moves: false, reason: /commits that are not pushed/ },
  ],
  [
    "up to date",
    (p) => nothing(p.clone.git("switch", "-q", "-c", "aside"), p.clone.git("update-ref", "refs/heads/main", p.target)),
    { state: "current", moves: false },
  ],
];

/** A merge that waits for its commit. */
function mergeInto(clone: TestRepository): void {
  const other = clone.git("commit-tree", "HEAD^{tree}", "-p", "HEAD~1", "-m", "other");
  clone.git("merge", "-q", "--no-ff", "--no-commit", other);
}

test.each(STATES)("a base that is %s", async (_, make, { state, moves, failed = false, reason }) => {
  const place = createPlace();
  const { changes = [], at = place.work } = make(place);
  const others = place.clone
    .git("worktree", "list", "--porcelain")
    .split("\n")
    .flatMap((line) => (line.startsWith("worktree ") ? [place.clone.at(line.slice("worktree ".length))] : []));
  const before = others.map(whole);
  const edits = changes.map((one) => one.git("diff", "HEAD") + one.git("diff", "--cached", "HEAD"));
  const was = mainRef(place);
  const result = await sync(place, at);
  expect([result.state, result.failed, mainRef(place)]).toEqual([state, failed, moves ? place.target : was]);
  if (reason !== undefined) expect(result.reason).toMatch(reason);
  // Every worktree is byte for byte as it was, but for those that hold the base and follow it.
  others.forEach((one, index) => {
    if (!changes.some(({ path }) => path === one.path))
      expect([one.path, whole(one)]).toEqual([one.path, before[index]]);
  });
  // Those have the base's files, and every edit that they had.
  changes.forEach((one, index) => {
    expect([one.branch(), one.head(), one.read("new.txt")]).toEqual(["main", place.target, "theirs\n"]);
    expect(existsSync(join(one.path, "old.txt"))).toBe(false);
    expect(one.git("diff", "HEAD") + one.git("diff", "--cached", "HEAD")).toBe(edits[index]);
  });
});

test("a base that does not exist here is not made", async () => {
  const place = createPlace();
  place.clone.git("switch", "-q", "-c", "aside");
  place.clone.git("branch", "-q", "-D", "main");
  expect((await sync(place)).state).toBe("skipped");
  expect(place.clone.refs()).not.toContain("refs/heads/main");
});

test.each([
  ["comes along where git is told to recurse", "true"],
  ["is said to stand behind where git is not", "false"],
])("a submodule in a base that follows %s", async (_, recurse) => {
  const ground = createGround();
  const { clone, directory, env } = ground;
  const allow = ["-c", "protocol.file.allow=always"];
  clone.git("init", "-q", "-b", "main", "../library");
  const library = clone.at(join(directory, "library"));
  library.commit("one", { "lib.txt": "one\n" });
  clone.git(...allow, "submodule", "--quiet", "add", "../library", "lib");
  clone.git("config", "protocol.file.allow", "always");
  appendFileSync(join(directory, "home/.gitconfig"), '[protocol "file"]\n\tallow = always\n');
  clone.commit("with the library", {});
  const from = clone.head();
  const two = library.commit("two", { "lib.txt": "two\n" });
  clone.git("-C", "lib", "fetch", "-q", "origin");
  clone.git("-C", "lib", "checkout", "-q", two);
  clone.git("commit", "-q", "-am", "newer library");
  const target = clone.head();
  clone.git("update-ref", "refs/remotes/origin/main", target);
  clone.git("reset", "-q", "--hard", from);
  clone.git("submodule", "--quiet", "update");
  clone.git("config", "submodule.recurse", recurse);
  const place: Place = { ...ground, work: clone.addWorktree("work", "feat/x"), from, target };
  const result = await sync(place);
  expect([result.state, mainRef(place)]).toEqual(["updated", target]);
  const inLib = clone.git("-C", "lib", "rev-parse", "HEAD") === two;
  expect([inLib, result.reason]).toEqual(
    recurse === "true" ? [true, "with its submodules: lib"] : [false, "submodules stand behind: lib"],
  );
  expect(env).toBeDefined();
});
