import { createHash } from "node:crypto";
import { renameSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { BranchName, CommitSha } from "../domain/names.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { fileFailed } from "../files/file-failed.ts";
import { listNames, readText } from "../files/read-file.ts";
import { commonLayout } from "../layout/paths.ts";
import type { Step, StepResult, StepState } from "./step.ts";

/** What one ship set out to do and how far it came: one file for each pull request. */
export interface JournalContent {
  readonly version: 1;
  readonly pull: number;
  readonly url: string;
  readonly base: BranchName;
  readonly head: { readonly branch: BranchName; readonly sha: CommitSha };
  readonly remote: string;
  /** ISO 8601 */
  readonly startedAt: string;
  /** Null while it is unfinished: then the next ship of this base takes it up. */
  readonly finishedAt: string | null;
  readonly mergeCommit: CommitSha | null;
  readonly steps: readonly StepResult[];
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

const JOURNAL_FILE = /^pull-(\d+)\.json$/;
const SET_ASIDE = /^pull-\d+\.json\.\d+$/;

function setAside(path: string): void {
  try {
    renameSync(path, `${path}.${Date.now()}`);
  } catch (cause) {
    throw fileFailed(path, "renamed", cause);
  }
}

/** A ship's journal, written before and after each step. */
export class Journal {
  readonly #path: string;
  #content: JournalContent;

  constructor(directory: string, content: JournalContent) {
    this.#path = join(directory, `pull-${content.pull}.json`);
    this.#content = content;
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
  note(step: Step, state: StepState, detail = ""): void {
    const steps = this.#content.steps.map((entry) => (entry.step === step ? { step, state, detail } : entry));
    this.#write({ ...this.#content, steps });
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

  /** Closes it: no later ship has to take it up. @throws BulkheadError `FILE_FAILED` */
  finish(at: Date): void {
    this.#write({ ...this.#content, finishedAt: at.toISOString() });
  }

  #write(content: JournalContent): void {
    this.#content = content;
    writeFileAtomically(this.#path, `${JSON.stringify(content, null, 2)}\n`);
  }
}

/** What lies in a base's directory. */
export interface Journals {
  /** Left by a ship that was killed, or whose last steps failed: the next ship of this base takes them up. */
  readonly unfinished: readonly Journal[];
  /** Broken, or written by a newer Bulkhead. They are left alone: what they tell can be read from GitHub. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
}

/** Reads a base's journals. One that cannot be read stands in nobody's way. @throws BulkheadError `FILE_FAILED` for the directory */
export function readJournals(directory: string): Journals {
  const unfinished: Journal[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  for (const path of journalFiles(directory)) {
    try {
      const content = readJournal(path);
      if (content !== null && content.finishedAt === null) unfinished.push(new Journal(directory, content));
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
  const content = JSON.parse(text) as Partial<JournalContent>;
  if (content?.version !== 1) throw new Error(`it is of version ${content?.version}, written by another Bulkhead`);
  const { pull, steps, head, base } = content;
  if (!Number.isSafeInteger(pull) || !Array.isArray(steps) || head === undefined || base === undefined) {
    throw new Error("it is no journal of a ship");
  }
  return content as JournalContent;
}
