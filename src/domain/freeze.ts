import type { BranchName } from "./names.ts";

/** A stop for everything that would be merged into a base: who said so, and why. */
export interface Freeze {
  readonly base: BranchName;
  readonly by: string;
  readonly host: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** ISO 8601; null: until it is lifted. */
  readonly until: string | null;
}

/** A stop that is to be set. */
export interface NewFreeze {
  readonly base: BranchName;
  readonly by: string;
  readonly host: string;
  readonly reason: string;
  /** Its end: so many milliseconds from now by the store's clock, or a time; null: until it is lifted. */
  readonly until: { readonly inMs: number } | { readonly at: Date } | null;
}
