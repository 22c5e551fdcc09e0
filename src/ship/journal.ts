import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BranchName, CommitSha } from "../domain/names.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { fileFailed } from "../files/file-failed.ts";
import { listNames } from "../files/read-file.ts";
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

  /** Writes it for the first time. @throws BulkheadError `FILE_FAILED`: then nothing may be started */
  open(): this {
    this.#write(this.#content);
    return this;
  }

  /** Notes a step's state. @throws BulkheadError `FILE_FAILED` */
  note(step: Step, state: StepState, detail = ""): void {
    const steps = this.#content.steps.map((entry) => (entry.step === step ? { step, state, detail } : entry));
    this.#write({ ...this.#content, steps });
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

/** The journals of a base that were left unfinished, by a ship that was killed, say. */
export function readUnfinished(directory: string): Journal[] {
  return listNames(directory)
    .sort()
    .filter((name) => JOURNAL_FILE.test(name))
    .map((name) => readJournal(join(directory, name)))
    .filter((content) => content.finishedAt === null)
    .map((content) => new Journal(directory, content));
}

function readJournal(path: string): JournalContent {
  try {
    const content = JSON.parse(readFileSync(path, "utf8")) as JournalContent;
    if (content.version !== 1) throw new Error(`version ${content.version}`);
    return content;
  } catch (cause) {
    throw fileFailed(path, "read", cause);
  }
}
