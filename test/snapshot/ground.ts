import { lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clone, inClone } from "../../src/app/clone.ts";
import { takeSnapshots } from "../../src/app/snapshot.ts";
import { type RestoreDocument, type RestoreInput, restoreSnapshot } from "../../src/app/snapshot-restore.ts";
import { createGround, type Ground, type TestRepository } from "../support/repository.ts";
import { exactSessionText } from "../support/session-texts.ts";

/** What is in a directory: each path with its mode and its bytes, or where it leads. Names and contents byte for byte. */
export type Tree = Readonly<Record<string, string>>;

/** Everything below a directory but git's own. */
export function readTree(directory: string): Tree {
  const tree: Record<string, string> = {};
  const walk = (path: Buffer, name: string) => {
    for (const entry of readdirSync(path, { encoding: "buffer" })) {
      const [full, below] = [Buffer.concat([path, Buffer.from("/"), entry]), name + entry.toString("latin1")];
      if (below === ".git" || below === ".session.json") continue;
      const stat = lstatSync(full);
      if (stat.isDirectory()) walk(full, `${below}/`);
      else if (stat.isSymbolicLink()) tree[below] = `-> ${readlinkSync(full, { encoding: "latin1" })}`;
      else tree[below] = `${(stat.mode & 0o100) === 0 ? "" : "x "}${readFileSync(full, "latin1")}`;
    }
  };
  walk(Buffer.from(directory), "");
  return tree;
}

/** Writes a file whose name and content are bytes, each a character. */
export function writeBytes(worktree: TestRepository, name: string, content: string): void {
  writeFileSync(
    Buffer.concat([Buffer.from(`${worktree.path}/`), Buffer.from(name, "latin1")]),
    Buffer.from(content, "latin1"),
  );
}

/** A clone with worktrees, each with a session of its own. */
export class NetGround {
  readonly ground: Ground;
  readonly worktrees: readonly TestRepository[];

  constructor(count: number, ground: Ground = createGround()) {
    this.ground = ground;
    const { clone } = ground;
    clone.commit("old", { "kept.txt": "old\n", "gone.txt": "old\n", ".gitignore": ".env\nbuild/\n" });
    clone.commit("new", { "kept.txt": "one\ntwo\nthree\n", "gone.txt": "here\n" });
    this.worktrees = Array.from({ length: count }, (_, i) => {
      const worktree = clone.addWorktree(`session-${i}`, `feat/${i}`);
      worktree.write(".session.json", exactSessionText(`feat/${i}`, { sessionId: `session_${i}` }));
      return worktree;
    });
  }

  get clone(): TestRepository {
    return this.ground.clone;
  }

  worktree(i = 0): TestRepository {
    const found = this.worktrees[i];
    if (found === undefined) throw new Error(`no worktree ${i}`);
    return found;
  }

  /** Runs a use case as a command in that directory would. */
  in<T>(at: TestRepository, work: (clone: Clone) => Promise<T>): Promise<T> {
    return inClone({ directory: at.path, env: at.env }, work);
  }

  take(at: TestRepository, all = false) {
    return this.in(at, async (clone) => (await takeSnapshots(clone, { all, cause: "test" })).snapshots);
  }

  /** The id of the snapshot that tells what is there now. */
  async takeOne(at: TestRepository): Promise<string> {
    const [row] = await this.take(at);
    if (row === undefined || row.id === null) throw new Error(`no snapshot: ${JSON.stringify(row)}`);
    return row.id;
  }

  restore(at: TestRepository, input: Partial<RestoreInput>): Promise<RestoreDocument> {
    const whole: RestoreInput = { snapshot: null, target: { kind: "here" }, paths: [], ...input };
    return this.in(at, (clone) => restoreSnapshot(clone, whole));
  }

  /** What a snapshot brings back into a new directory. */
  async content(at: TestRepository, snapshot: string): Promise<Tree> {
    const path = join(this.ground.directory, `back-${Math.random().toString(36).slice(2)}`);
    await this.restore(at, { snapshot, target: { kind: "directory", path } });
    return readTree(path);
  }
}

/** Gives a worktree staged, unstaged, untracked, ignored and stashed work. @param mark tells it from another's */
export function work(worktree: TestRepository, mark: string): void {
  worktree.write("kept.txt", `stashed ${mark}\n`);
  worktree.git("stash", "push", "-q", "-m", mark);
  worktree.write("kept.txt", `staged ${mark}\n`);
  worktree.write("added.txt", `added ${mark}\n`);
  worktree.git("add", "kept.txt", "added.txt");
  worktree.write("kept.txt", `staged ${mark}\nunstaged ${mark}\n`);
  worktree.git("rm", "-q", "--cached", "gone.txt");
  worktree.write("notes/un tracked.md", `untracked ${mark}\n`);
  worktree.write(".env", `SECRET=${mark}\n`);
}
