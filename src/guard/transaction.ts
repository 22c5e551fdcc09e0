/** One line of what git tells a reference-transaction hook. */
export interface TransactionLine {
  readonly oldValue: string;
  readonly newValue: string;
  readonly ref: string;
}

/** Parses a reference-transaction hook's input: `<old> SP <new> SP <ref> LF` (https://git-scm.com/docs/githooks#_reference_transaction). */
export function parseTransaction(text: string): TransactionLine[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [oldValue = "", newValue = "", ...ref] = line.split(" ");
      return { oldValue, newValue, ref: ref.join(" ") };
    });
}

/** Parses a pre-push hook's input: `<local ref> SP <local sha> SP <remote ref> SP <remote sha> LF`. */
export function parsePushedRefs(
  text: string,
): { localRef: string; localSha: string; remoteRef: string; remoteSha: string }[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [localRef = "", localSha = "", remoteRef = "", remoteSha = ""] = line.split(" ");
      return { localRef, localSha, remoteRef, remoteSha };
    });
}
