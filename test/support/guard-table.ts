import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AvailableGit } from "./gits.ts";
import type { OperationNames } from "./guard-operations.ts";
import { linkPackages, setUpManager, type TestedManager } from "./hook-managers.ts";
import { createGround, type TestRepository } from "./repository.ts";

/** The kinds of worktree that a session may work in. */
export const WORKTREE_KINDS = ["main", "linked", "without node_modules", "made later by hand"] as const;
export type WorktreeKind = (typeof WORKTREE_KINDS)[number];

const OFF = ["-c", "core.hooksPath=/dev/null"] as const;
const OPERATION_STATE = [
  "rebase-merge",
  "rebase-apply",
  "sequencer",
  "MERGE_HEAD",
  "MERGE_MSG",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
];

/** A clone with one hook manager and a worktree of each kind, shared by the rows of a table. */
export class TableGround {
  readonly directory: string;
  /** Where the manager's own hooks leave their names. */
  readonly probe: string;
  /** Where the guard notes which hook refused. */
  readonly trace: string;
  readonly #places = new Map<WorktreeKind, TablePlace>();

  constructor(git: AvailableGit, manager: TestedManager) {
    this.directory = realpathSync(mkdtempSync(join(tmpdir(), "bulkhead-table-")));
    this.probe = join(this.directory, "probe");
    this.trace = join(this.directory, "trace");
    const { clone } = createGround({ directory: this.directory, ...(git.bin === undefined ? {} : { git: git.bin }) });
    const env = { ...clone.env, PROBE: this.probe, BULKHEAD_GUARD_TRACE: this.trace };
    Object.assign(clone.env, env);
    setUpManager(clone, manager);
    const start = prepareHistory(clone);
    const linked = clone.addWorktree("linked", "linked-own", start);
    const bare = clone.addWorktree("without-node-modules", "bare-own", start);
    clone.addWorktree("elsewhere", "elsewhere", start);
    if (manager === "husky" || manager === "lefthook") linkPackages(linked, manager);
    clone.git("switch", "-q", "-c", "main-own", start);
    const initialised = clone.bulkhead(["init", "--no-scripts"]);
    if (initialised.exitCode !== 0) throw new Error(initialised.stderr);
    clone.write(".session.json", sessionFile(clone, "main-own"));
    const byHand = clone.addWorktree("by-hand", "hand-own", start);
    const repositories = { main: clone, linked, "without node_modules": bare, "made later by hand": byHand };
    for (const kind of WORKTREE_KINDS) this.#places.set(kind, new TablePlace(repositories[kind], start));
  }

  place(kind: WorktreeKind): TablePlace {
    const place = this.#places.get(kind);
    if (place === undefined) throw new Error(`no worktree of kind ${kind}`);
    return place;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** In the layout that Bulkhead writes. */
function sessionFile({ path }: TestRepository, expectedBranch: string): string {
  const content = { session: "table", expectedBranch, createdAt: "2026-01-01T00:00:00.000Z", hostname: "test" };
  return `${JSON.stringify({ ...content, repoRoot: path }, null, 2)}\n`;
}

/** Two commits to start from, and what operations need beside them. @returns the second */
function prepareHistory(clone: TestRepository): string {
  const first = clone.commit("table one", { "trial.txt": "one\n", "notes.txt": "notes\n" });
  const start = clone.commit("table two", { "trial.txt": "two\n" });
  const branch = (name: string, from: string, ...commits: Record<string, string>[]) => {
    clone.git("switch", "-q", "-c", name, from);
    for (const [index, files] of commits.entries()) clone.commit(`${name} ${index}`, files);
  };
  branch("source-side", first, { "side.txt": "side\n" });
  branch("source-ahead", start, { "trial.txt": "three\n", "ahead.txt": "ahead\n" });
  branch("source-two", start, { "x.txt": "x\n" }, { "y.txt": "y\n" });
  clone.git("switch", "-q", "main");
  clone.git("push", "-q", "origin", "source-ahead:elsewhere", "source-ahead:ahead", "source-side:side");
  return start;
}

/** One worktree of the table: its expected branch, and a stray one at the same commit. */
export class TablePlace {
  readonly repository: TestRepository;
  readonly own: string;
  readonly stray: string;
  readonly #start: string;
  readonly #gitDir: string;
  readonly #patch: string;

  constructor(repository: TestRepository, start: string) {
    this.repository = repository;
    this.own = repository.branch();
    this.stray = this.own.replace("-own", "-stray");
    this.#start = start;
    this.#gitDir = repository.git("rev-parse", "--absolute-git-dir");
    const patches = join(this.#gitDir, "patches");
    mkdirSync(patches);
    this.#patch = repository.git("format-patch", "-1", "-o", patches, "source-side");
  }

  /** Puts HEAD on the branch, everything else as it was at the start. */
  reset(branch: "own" | "stray"): OperationNames {
    const { repository } = this;
    for (const name of OPERATION_STATE) rmSync(join(this.#gitDir, name), { recursive: true, force: true });
    const [here, side] = [this[branch], "side"];
    const refs = { [this.own]: this.#start, [this.stray]: this.#start, side: "source-side", ahead: "source-ahead" };
    const updates = Object.entries(refs).map(([name, value]) => `update refs/heads/${name} ${value}\n`);
    repository.tryGit([...OFF, "update-ref", "--stdin"], { input: updates.join(""), check: true });
    repository.git(...OFF, "symbolic-ref", "HEAD", `refs/heads/${here}`);
    repository.git(...OFF, "reset", "-q", "--hard");
    repository.git(...OFF, "clean", "-q", "-fd");
    return { here, side, ahead: "ahead", two: "source-two", patch: this.#patch, elsewhere: "elsewhere" };
  }

  /** Everything that a refused operation could have changed. */
  state(): Record<string, string> {
    const { repository } = this;
    return {
      head: repository.tryGit(["symbolic-ref", "-q", "HEAD"]).stdout,
      refs: repository.refs(),
      status: repository.git("status", "--porcelain=v2", "--untracked-files=all"),
      index: repository.git("ls-files", "--stage"),
      files: readdirSync(repository.path)
        .filter((name) => name.endsWith(".txt"))
        .map((name) => `${name}: ${readFileSync(join(repository.path, name), "utf8")}`)
        .join(""),
      inProgress: OPERATION_STATE.filter((name) => existsSync(join(this.#gitDir, name))).join(" "),
    };
  }
}
