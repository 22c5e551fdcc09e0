import { writeFileAtomically } from "../files/atomic-write.ts";
import { readText } from "../files/read-file.ts";
import { worktreeLayout } from "../layout/paths.ts";

/** What the last snapshot of a worktree was taken of, so that an unchanged one costs nothing. */
export interface SnapshotMemo {
  readonly fingerprint: string;
  readonly id: string;
  /** What the ledger's ref named then. */
  readonly ledger: string | null;
  /** The tree of the worktree's files. */
  readonly tree: string;
}

export function readMemo(gitDir: string): SnapshotMemo | null {
  try {
    return JSON.parse(readText(worktreeLayout(gitDir).snapshot) ?? "null") as SnapshotMemo | null;
  } catch {
    return null;
  }
}

/** Without it the next one only costs more. */
export function writeMemo(gitDir: string, memo: SnapshotMemo): void {
  try {
    writeFileAtomically(worktreeLayout(gitDir).snapshot, `${JSON.stringify(memo)}\n`);
  } catch {
    return;
  }
}
