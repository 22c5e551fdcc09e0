/**
 * The names that cross Bulkhead's edges, as branded types: a value of one of these types has been
 * checked once, where it came in, and needs no checking again.
 */
import { BulkheadError } from "./error.ts";

declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** A local branch's short name, such as `feat/x`: what stands behind `refs/heads/`. */
export type BranchName = Branded<string, "BranchName">;
/** A full object name in lower-case hex: 40 characters (SHA-1) or 64 (SHA-256). */
export type CommitSha = Branded<string, "CommitSha">;
/** What names one session, everywhere. Unguessable, never a credential. */
export type SessionId = Branded<string, "SessionId">;
/** What names a work item: a ticket, an issue, a directive. */
export type WorkItemKey = Branded<string, "WorkItemKey">;

const BRANCH_FORBIDDEN = /[ ~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$|^-|^@$/;
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$/;
const WORK_ITEM_KEY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const OBJECT_NAME = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Whether git would accept the text as a branch name.
 * Follows `git check-ref-format --branch` (https://git-scm.com/docs/git-check-ref-format).
 */
export function isBranchName(text: string): text is BranchName {
  if (text === "" || text === "HEAD" || BRANCH_FORBIDDEN.test(text) || hasControlCharacter(text)) return false;
  return text.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}

/** ASCII control characters only: git takes the C1 ones (U+0080 to U+009F) as part of a name. */
function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < " " || character === "\u007f");
}

/** @throws BulkheadError `INVALID_BRANCH_NAME` when git would not accept the name. */
export function parseBranchName(text: string): BranchName {
  if (!isBranchName(text)) throw new BulkheadError("INVALID_BRANCH_NAME", { name: text });
  return text;
}

/** Whether the text is a full object name. */
export function isCommitSha(text: string): text is CommitSha {
  return OBJECT_NAME.test(text);
}

/** @throws BulkheadError `INVALID_COMMIT` when the text is not a full object name. */
export function parseCommitSha(text: string): CommitSha {
  if (!isCommitSha(text)) throw new BulkheadError("INVALID_COMMIT", { name: text });
  return text;
}

/** Whether the object name is git's way of saying "none": all zeros. */
export function isZeroSha(text: string): boolean {
  return /^0+$/.test(text);
}

/** Whether the text can name a session. */
export function isSessionId(text: string): text is SessionId {
  return SESSION_ID.test(text);
}

/** @throws BulkheadError `INVALID_SESSION_ID` */
export function parseSessionId(text: string): SessionId {
  if (!isSessionId(text)) throw new BulkheadError("INVALID_SESSION_ID", { name: text });
  return text;
}

/** Whether the text can name a work item. */
export function isWorkItemKey(text: string): text is WorkItemKey {
  return WORK_ITEM_KEY.test(text);
}

/** @throws BulkheadError `INVALID_WORK_ITEM` when the key is not letters, digits, `.`, `_`, `-`, at most 128. */
export function parseWorkItemKey(text: string): WorkItemKey {
  if (!isWorkItemKey(text)) throw new BulkheadError("INVALID_WORK_ITEM", { name: text });
  return text;
}
