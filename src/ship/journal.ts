import { createHash } from "node:crypto";
import { renameSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { BranchName, CommitSha } from "../domain/names.ts";
import type { ProcessIdentity } from "../domain/session.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { fileFailed } from "../files/file-failed.ts";
import { listNames, readText } from "../files/read-file.ts";
import { commonLayout } from "../layout/paths.ts";
import type { Outcome, Step, StepResult, StepState } from "./step.ts";

/** What a ship was told that holds for whoever finishes it, too. */
export interface JournalOptions {
  readonly keepBranch: boolean;
  readonly deleteBranch: boolean;
  readonly retire: boolean;
}

/** What one ship set out to do and how far it came: one file for each pull request. */
export interface JournalContent {
  readonly version: 2;
  /** Null until the pull request is opened. */
  readonly pull: number | null;
  readonly url: string | null;
  /** `host/owner/name` of the base's repository; null in journals of the first kind, which did not say. */
  readonly repository: string | null;
  readonly base: BranchName;
  readonly head: { readonly branch: BranchName; readonly sha: CommitSha };
  readonly remote: string;
  readonly options: JournalOptions;
  /** Who is at it; what a live process has in hand is its own. */
  readonly owner: (ProcessIdentity & { readonly host: string }) | null;
  /** ISO 8601 */
  readonly startedAt: string;
  /** Null while it is unfinished: then the next ship of this base takes it up. */
  readonly finishedAt: string | null;
  readonly mergeCommit: CommitSha | null;
  readonly steps: readonly StepResult[];
  /** The pull request that takes it back. */
  readonly undone: { readonly pull: number; readonly url: string; readonly at: string } | null;
}

/**
 * Where the journals and the lock of a base lie. Branch names have slashes, may be too long for a file name, and may
 * differ in case only, so a digest stands behind the readable part.
 */
export function baseDirectory(commonDir: string, base: BranchName): string {
  const readable = base.replace(/[^A-Za-z0-9.-]/g, "_").slice(0, 60);
  const digest = createHash("sha256").update(base).digest("hex").slice(0, 12);
  return join(commonLayout(commonDir).ships, `${readable}-${digest}`);
}

const JOURNAL_FILE = /^(?:pull-\d+|branch-[0-9a-f]{12})\.json$/;
const SET_ASIDE = /^(?:pull-\d+|branch-[0-9a-f]{12})\.json\.\d+$/;

function fileOf({ pull, head }: JournalContent): string {
  if (pull !== null) return `pull-${pull}.json`;
  return `branch-${createHash("sha256").update(head.branch).digest("hex").slice(0, 12)}.json`;
}

function setAside(path: string): void {
  try {
    renameSync(path, `${path}.${Date.now()}`);
  } catch (cause) {
    throw fileFailed(path, "renamed", cause);
  }
}

/** A repository as journals name it: numbers of pull requests mean nothing without it. */
export function repositoryKey({ host, owner, name }: { host: string; owner: string; name: string }): string {
  return `${host}/${owner}/${name}`.toLowerCase();
}

/** Writes a file whole or not at all. @throws BulkheadError `FILE_FAILED` */
type Save = (path: string, text: string) => void;

/** A ship's journal, written before and after each step. */
export class Journal {
  readonly #directory: string;
  readonly #save: Save;
  #content: JournalContent;

  /** @param directory of the base's ships */
  constructor(directory: string, content: JournalContent, save: Save = writeFileAtomically) {
    this.#directory = directory;
    this.#save = save;
    this.#content = content;
  }

  get #path(): string {
    return join(this.#directory, fileOf(this.#content));
  }

  get content(): JournalContent {
    return this.#content;
  }

  get results(): readonly StepResult[] {
    return this.#content.steps;
  }

  /**
   * Writes it for the first time. A file in its place that cannot be read is set aside, not overwritten.
   * @throws BulkheadError `FILE_FAILED`: then nothing may be started
   */
  open(): this {
    try {
      readJournal(this.#path);
    } catch {
      setAside(this.#path);
    }
    this.#write(this.#content);
    return this;
  }

  /** Notes a step's state. @throws BulkheadError `FILE_FAILED` */
  note(step: Step, state: StepState, { detail = "", byHand }: Partial<Outcome> = {}): void {
    const noted: StepResult = { step, state, detail, ...(byHand === undefined ? {} : { byHand }) };
    this.#write({ ...this.#content, steps: this.#content.steps.map((entry) => (entry.step === step ? noted : entry)) });
  }

  /** Notes the pull request that was opened; the journal goes by its number from then on. @throws BulkheadError `FILE_FAILED` */
  namePull({ number, url }: { readonly number: number; readonly url: string }): void {
    const before = this.#path;
    this.#write({ ...this.#content, pull: number, url });
    if (before !== this.#path) rmSync(before, { force: true });
  }

  /** Notes the pull request that takes the merge back. @throws BulkheadError `FILE_FAILED` */
  noteUndone(pull: { readonly number: number; readonly url: string }, at: Date): void {
    this.#write({ ...this.#content, undone: { pull: pull.number, url: pull.url, at: at.toISOString() } });
  }

  /** Notes that a step has to wait for one that failed. @throws BulkheadError `FILE_FAILED` */
  holdUp(step: Step, detail: string): void {
    const held: StepResult = { step, state: "skipped", detail, heldUp: true };
    this.#write({ ...this.#content, steps: this.#content.steps.map((entry) => (entry.step === step ? held : entry)) });
  }

  /** Notes the commit that the merge made. @throws BulkheadError `FILE_FAILED` */
  noteMerge(mergeCommit: CommitSha): void {
    this.#write({ ...this.#content, mergeCommit });
  }

  /** Leaves it as it is to whoever comes next. @throws BulkheadError `FILE_FAILED` */
  letGo(): void {
    this.#write({ ...this.#content, owner: null });
  }

  /** Closes it: no later ship has to take it up. @throws BulkheadError `FILE_FAILED` */
  finish(at: Date): void {
    this.#write({ ...this.#content, owner: null, finishedAt: at.toISOString() });
  }

  #write(content: JournalContent): void {
    this.#content = content;
    this.#save(this.#path, `${JSON.stringify(content, null, 2)}\n`);
  }
}

/** What lies in a base's directory. */
export interface Journals {
  /** Left by a ship that was killed, or whose last steps failed: the next ship of this base takes them up. */
  readonly unfinished: readonly Journal[];
  /** Broken, or written by a newer Bulkhead. They are left alone: what they tell can be read from GitHub. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * The journal of a ship of this clone that merged something, whatever its base.
 * @param pull the pull request; null: the one that was shipped last
 */
export function findShip(commonDir: string, pull: number | null): Journal | null {
  const root = commonLayout(commonDir).ships;
  const found = listNames(root).flatMap((name) => {
    const directory = join(root, name);
    return listJournals(directory).map((content) => new Journal(directory, content));
  });
  const merged = found.filter(({ content }) => content.mergeCommit !== null && content.pull !== null);
  const wanted = merged.filter(({ content }) => (pull === null ? content.undone === null : content.pull === pull));
  return wanted.sort((a, b) => b.content.startedAt.localeCompare(a.content.startedAt))[0] ?? null;
}

/** Every journal of a base that can be read, finished or not, oldest first. */
export function listJournals(directory: string): JournalContent[] {
  const found = journalFiles(directory).flatMap((path) => {
    try {
      return readJournal(path) ?? [];
    } catch {
      return [];
    }
  });
  return found.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

/** Reads a base's journals. One that cannot be read stands in nobody's way. @throws BulkheadError `FILE_FAILED` for the directory */
export function readJournals(directory: string, save?: Save): Journals {
  const unfinished: Journal[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  for (const path of journalFiles(directory)) {
    try {
      const content = readJournal(path);
      if (content !== null && content.finishedAt === null) unfinished.push(new Journal(directory, content, save));
    } catch (cause) {
      unreadable.push({ path, reason: cause instanceof Error ? cause.message : String(cause) });
    }
  }
  return { unfinished, unreadable };
}

/** Days for which a journal is kept: `ship --undo` and people may ask what was done. */
const KEEP_DAYS = 30;

/**
 * Clears away what is older than that: finished journals, and files that nobody can read. An unfinished one stays
 * until it is finished, however old.
 */
export function clearJournals(directory: string, now: Date): void {
  const oldest = now.getTime() - KEEP_DAYS * 86_400_000;
  for (const path of [...journalFiles(directory), ...journalFiles(directory, SET_ASIDE)]) {
    try {
      const done = SET_ASIDE.test(basename(path)) ? statSync(path).mtimeMs : endOf(path);
      if (done !== null && done < oldest) rmSync(path, { force: true });
    } catch {
      // Litter that stays does no harm; the next ship tries again.
    }
  }
}

/** When a journal was finished, or last written if it cannot be read; null while it is unfinished. */
function endOf(path: string): number | null {
  try {
    const content = readJournal(path);
    return content === null || content.finishedAt === null ? null : Date.parse(content.finishedAt);
  } catch {
    return statSync(path).mtimeMs;
  }
}

function journalFiles(directory: string, pattern = JOURNAL_FILE): string[] {
  return listNames(directory)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(directory, name));
}

/** @returns null when it is gone @throws Error when it is broken, or of a version that is not known here */
function readJournal(path: string): JournalContent | null {
  const text = readText(path);
  if (text === null) return null;
  const content = JSON.parse(text) as Partial<Omit<JournalContent, "version">> & { version?: number };
  const version = content?.version;
  if (version !== 1 && version !== 2) throw new Error(`it is of version ${version}, written by another Bulkhead`);
  const { pull = null, steps, head, base, remote, startedAt } = content;
  const known = (pull === null || Number.isSafeInteger(pull)) && Array.isArray(steps) && startedAt !== undefined;
  if (!known || head === undefined || base === undefined || remote === undefined) {
    throw new Error("it is no journal of a ship");
  }
  const deletes = steps.some(({ step }) => step.kind === "delete_remote_branch" || step.kind === "delete_local_branch");
  const defaults = {
    url: null,
    repository: null,
    options: { keepBranch: !deletes, deleteBranch: false, retire: false },
    owner: null,
    finishedAt: null,
    mergeCommit: null,
    undone: null,
  };
  return { ...defaults, ...content, version: 2, pull, steps, head, base, remote, startedAt };
}
