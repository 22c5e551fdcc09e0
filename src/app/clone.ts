import { hostname } from "node:os";
import { resolveSettings, type Settings } from "../config/settings.ts";
import { BulkheadError } from "../domain/error.ts";
import { codebaseName, repositoryIdentity } from "../domain/repository-identity.ts";
import { type BaseBranch, findBaseBranch } from "../git/base-branch.ts";
import { type ConfigValue, readConfig } from "../git/config-values.ts";
import type { GitCall } from "../git/git.ts";
import { findMainTop } from "../git/main-checkout.ts";
import { openRepository, type Repository } from "../git/repository.ts";
import { readWorktreeStates, type WorktreeState } from "../git/worktree-state.ts";
import { commonLayout } from "../layout/paths.ts";
import { type ProcessTable, systemProcessTable } from "../machine/process-table.ts";
import { machineIdentity } from "../machine/terminal-identity.ts";
import { ingestSpool } from "../session/event-ingest.ts";
import { openSessionStore, type StoreLocation, storeExists } from "../store/open-store.ts";
import type { SessionStore } from "../store/session-store.ts";
import { armedInvocation } from "./invocation.ts";

/** Where a use case works, and who listens. */
export interface CloneOptions {
  /** Anywhere in the clone. */
  readonly directory: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly clock?: () => Date;
  /** Calls off what runs: children are ended, and what was begun is cleaned up. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each git that has run. */
  readonly trace?: ((call: GitCall) => void) | undefined;
  /** A line for people while it runs. */
  readonly note?: (line: string) => void;
  /** A passing state, replaced by the next. */
  readonly progress?: (line: string) => void;
}

/** A worktree of the clone, as the use cases that need one get it. */
export type Worktree = Repository & { readonly topLevel: string };

/**
 * A clone, opened at one of its directories: everything that use cases work with. What costs a process or a database is
 * found out at its first use and then kept; what another session may change meanwhile (worktrees) is read anew each time.
 */
export class Clone {
  readonly repository: Repository;
  readonly env: NodeJS.ProcessEnv;
  readonly hostname = hostname();
  readonly clock: () => Date;
  readonly signal: AbortSignal | undefined;
  readonly note: (line: string) => void;
  readonly progress: (line: string) => void;
  /** A fresh look at this machine's processes each time: a table may remember what it read. */
  readonly processes: () => ProcessTable = systemProcessTable;
  /** Reads git's configuration. One process, at the first use. */
  readonly config: () => Promise<readonly ConfigValue[]>;
  /** @throws BulkheadError `INVALID_SETTING` */
  readonly settings: () => Promise<Settings>;
  /** The branch that work merges into; null when nothing tells. */
  readonly base: () => Promise<BaseBranch | null>;
  /** Top directory of the main checkout. */
  readonly mainTop: () => Promise<string>;
  /** The repository's identity, the same for all its clones where they have an origin. */
  readonly identity: () => Promise<string>;
  #store: Promise<SessionStore> | null = null;

  constructor(repository: Repository, options: CloneOptions) {
    this.repository = repository;
    this.env = options.env ?? process.env;
    this.clock = options.clock ?? (() => new Date());
    this.signal = options.signal;
    this.note = options.note ?? (() => {});
    this.progress = options.progress ?? (() => {});
    this.config = once(() => readConfig(repository.git));
    this.settings = once(async () => resolveSettings({ env: this.env, gitConfig: await this.config() }));
    this.base = once(async () => {
      const { remote, base } = await this.settings();
      return findBaseBranch(repository.git, remote.value, base.value, repository.commonDir);
    });
    this.mainTop = once(async () => findMainTop(repository, await this.config()));
    this.identity = once(async () => {
      const { remote } = await this.settings();
      const url = (await this.config()).findLast(({ key }) => key === `remote.${remote.value}.url`)?.value ?? null;
      return repositoryIdentity(url, `${this.hostname}:${repository.commonDir}`);
    });
  }

  /** @throws BulkheadError `BARE_REPOSITORY` where there is no worktree around the directory */
  get worktree(): Worktree {
    const { topLevel } = this.repository;
    if (topLevel === null) throw new BulkheadError("BARE_REPOSITORY", { directory: this.repository.git.directory });
    return { ...this.repository, topLevel };
  }

  /** Short name of the repository, for people. */
  async codebase(): Promise<string> {
    return codebaseName(await this.identity());
  }

  /** The clone's worktrees as they are now, with what goes on in them. One process. */
  worktrees(): Promise<WorktreeState[]> {
    return readWorktreeStates(this.repository.git, this.repository.commonDir);
  }

  /** Where the clone's sessions are kept, and under which name. */
  storeLocation(): StoreLocation {
    return {
      database: commonLayout(this.repository.commonDir).database,
      repository: this.identity,
      teamUrl: this.env.BULKHEAD_DATABASE_URL,
      machineId: () => machineIdentity(this.hostname),
    };
  }

  /**
   * The session store, opened at its first use; what hooks noted is then in it.
   * @throws BulkheadError `STORE_FAILED`, `STORE_NEWER`, `MIGRATION_CHANGED`
   */
  store(): Promise<SessionStore> {
    this.#store ??= this.#openStore();
    return this.#store;
  }

  /** The session store where there is one; null where nobody has ever made it, which some use cases must not do. */
  async storeIfMade(): Promise<SessionStore | null> {
    return storeExists(this.storeLocation()) ? this.store() : null;
  }

  /** The store where this clone has opened it already; null otherwise. */
  async openedStore(): Promise<SessionStore | null> {
    return (await this.#store?.catch(() => null)) ?? null;
  }

  async #openStore(): Promise<SessionStore> {
    const store = await openSessionStore(this.storeLocation());
    const lost = await ingestSpool(this.repository.commonDir, store);
    if (lost > 0) this.note(`bulkhead: ${lost} noted events could not be read and are dropped.`);
    return store;
  }

  async close(): Promise<void> {
    await (await this.openedStore())?.close();
  }
}

/**
 * Opens the clone around a directory, runs the work and closes what was opened.
 * @throws BulkheadError `NO_SUCH_DIRECTORY`, `NOT_A_REPOSITORY`, `GIT_MISSING`, `GIT_FAILED`, and what the work throws
 */
export async function inClone<T>(options: CloneOptions, work: (clone: Clone) => Promise<T>): Promise<T> {
  const clone = await openClone(options);
  try {
    return await work(clone);
  } finally {
    await clone.close();
  }
}

/** Opens the clone around a directory. Whoever opens it closes it. */
export async function openClone(options: CloneOptions): Promise<Clone> {
  const { directory, env = process.env, signal, trace } = options;
  const repository = await openRepository(directory, { env, signal, trace });
  armedInvocation(repository.commonDir);
  return new Clone(repository, options);
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= read();
    return answer;
  };
}
