import { HEADS } from "../domain/ref-names.ts";
import { decodeLines } from "../files/text-encoding.ts";

/** One line of what git tells a reference-transaction hook. */
export interface TransactionLine {
  readonly oldValue: string;
  readonly newValue: string;
  readonly ref: string;
}

/** Parses a reference-transaction hook's input: `<old> SP <new> SP <ref> LF` (https://git-scm.com/docs/githooks#_reference_transaction). */
export function parseTransaction(input: Uint8Array): TransactionLine[] {
  return decodeLines(input)
    .filter((line) => line !== "")
    .map((line) => {
      const [oldValue = "", newValue = "", ...ref] = line.split(" ");
      return { oldValue, newValue, ref: ref.join(" ") };
    });
}

/**
 * Whether a transaction has lines that the guard judges: branches, `HEAD` to another commit (not `ref:…`, a switch),
 * and the `ORIG_HEAD` with which a merge or pull announces itself. All others pass unread.
 */
export function concernsGuard(lines: readonly TransactionLine[], reflogAction: string): boolean {
  const merging = /^(merge|pull)/.test(reflogAction);
  return lines.some(
    ({ ref, newValue }) =>
      ref.startsWith(HEADS) || (ref === "HEAD" && !newValue.startsWith("ref:")) || (ref === "ORIG_HEAD" && merging),
  );
}

/** One line of what git tells a pre-push hook. */
export interface PushLine {
  readonly localRef: string;
  readonly localSha: string;
  readonly remoteRef: string;
  readonly remoteSha: string;
}

/** Parses a pre-push hook's input: `<local ref> SP <local sha> SP <remote ref> SP <remote sha> LF`. */
export function parsePushedRefs(input: Uint8Array): PushLine[] {
  return decodeLines(input)
    .filter((line) => line !== "")
    .map((line) => {
      const [localRef = "", localSha = "", remoteRef = "", remoteSha = ""] = line.split(" ");
      return { localRef, localSha, remoteRef, remoteSha };
    });
}
