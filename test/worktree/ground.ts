import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createGround, type Ground, type TestRepository } from "../support/repository.ts";

/** The parts of the documents that these tests look at. */
export interface WorktreeDocument {
  readonly path: string;
  readonly branch: string;
  readonly sdKey: string | null;
  readonly session: string;
  readonly created: boolean;
  readonly reused: boolean;
  readonly cleaned: boolean;
  readonly reason: string;
  readonly details: readonly string[];
  readonly saved: readonly string[];
  readonly trash: string | null;
  readonly port: number;
  readonly steps: readonly { readonly name: string; readonly state: string; readonly detail: string }[];
  readonly setup_waiting: { readonly commands: readonly string[] } | null;
  readonly fetched: string | null;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
  readonly [key: string]: unknown;
}

export class WorktreeGround {
  readonly ground: Ground;

  constructor(ground: Ground = createGround()) {
    this.ground = ground;
  }

  get clone(): TestRepository {
    return this.ground.clone;
  }

  run(...args: string[]) {
    return this.clone.bulkheadJson<WorktreeDocument>(["worktree", ...args]);
  }

  /** Makes a worktree and gives it. */
  make(item: string, ...args: string[]): TestRepository {
    const { exitCode, json } = this.run(item, ...args);
    if (exitCode !== 0) throw new Error(JSON.stringify(json));
    return this.clone.at(json.path);
  }

  path(...parts: string[]): string {
    return join(this.clone.path, ...parts);
  }

  /** What a creation that failed must not leave: worktrees, branches, directories, things half done. */
  remains(): string {
    const journals = names(this.path(".git", "bulkhead", "worktrees"))
      .flatMap((name) => names(this.path(".git", "bulkhead", "worktrees", name)))
      .filter((name) => name !== undefined);
    return [
      this.clone.git("worktree", "list", "--porcelain"),
      this.clone.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/bulkhead"),
      names(this.path(".git", "worktrees")),
      names(this.path(".worktrees")),
      names(this.path(".sessions")),
      journals,
    ].join("\n--\n");
  }
}

function names(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}

/** What the worktree's git directory says about where it is. */
export function gitDirOf(worktree: TestRepository): string {
  return readFileSync(join(worktree.path, ".git"), "utf8").replace(/^gitdir: |\n$/g, "");
}
