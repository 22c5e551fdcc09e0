import { shellWord } from "../shell-word.ts";

/** Plain data that an error carries; it is printed with `--json`, so never a secret. */
export type ErrorData = Readonly<Record<string, unknown>>;

/** What people read of an error of one code, and the exit code. `D`: what its data holds; more may stand there for `--json`. */
export interface ErrorText<D = ErrorData> {
  readonly exit: 1 | 2 | 3 | 4 | 5;
  /** What is wrong: one line. */
  message(data: D): string;
  /** What to do next: one line. */
  hint(data: D): string;
}

export function entry<D extends object = ErrorData>(
  exit: ErrorText["exit"],
  message: (data: D) => string,
  hint: (data: D) => string,
): ErrorText<D> {
  return { exit, message, hint };
}

/** A value in words. */
export const text = (value: unknown): string => (value === undefined || value === null ? "?" : String(value));

/** A value as one word of a command that people can paste. */
export const quoteWord = (value: unknown): string => shellWord(text(value));

export const onBranch = (data: { readonly current_branch: string | null }): string =>
  data.current_branch ? `on branch ${text(data.current_branch)}` : "on no known branch";

/** Things of a list in words, at most five of them. */
export function list(value: unknown, mark = ""): string {
  const things = many(value).map((thing) => `${mark}${text(thing)}`);
  const more = things.length - 5;
  return more > 0 ? `${things.slice(0, 5).join(", ")} and ${more} more` : things.join(", ");
}

export function many(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A commit as people read it. */
export function shortSha(value: unknown): string {
  return text(value).slice(0, 10);
}
