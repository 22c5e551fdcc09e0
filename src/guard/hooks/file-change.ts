import type { SessionFile } from "../../domain/expectation.ts";

/** One file to write, or to remove where `after` is null. */
export interface FileChange {
  readonly path: string;
  readonly before: Buffer | null;
  readonly after: Buffer | null;
  readonly mode: number;
  /** The session file that a note of the expected ref stands for from then on: both get one time. */
  readonly vouchesFor?: { readonly topLevel: string; readonly gitDir: string; readonly content: SessionFile };
}
