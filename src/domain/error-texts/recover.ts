import { typed } from "../invocation.ts";
import { type ErrorText, entry, text } from "./entry.ts";

/** Texts of recover. */
export const RECOVER_TEXTS = {
  AMBIGUOUS_COMMIT: entry<{ name: string; commits: readonly string[] }>(
    2,
    (d) => `'${text(d.name)}' is the beginning of more than one commit: ${[d.commits].flat().map(text).join(", ")}.`,
    () => "Nothing was changed. Give more digits of the one that you mean.",
  ),
  NOT_A_COMMIT: entry<{ name: string; type: string }>(
    2,
    (d) => `'${text(d.name)}' names a ${text(d.type)}, not a commit.`,
    () => `Nothing was changed. Take the hash from \`${typed("recover")}\`.`,
  ),
  COMMIT_NOT_FOUND: entry<{ name: string }>(
    3,
    (d) => `This repository has no commit '${text(d.name)}': it was never here, or git has deleted it.`,
    () =>
      `Nothing was changed. \`${typed("recover --all --deep")}\` lists every commit that can still be brought back.`,
  ),
} as const satisfies Record<string, ErrorText>;
