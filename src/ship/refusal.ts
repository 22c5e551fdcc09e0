import { BulkheadError, type ErrorCode, type ErrorData } from "../domain/error.ts";

/** Why nothing is done, as plain data. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: ErrorCode;
  readonly data: ErrorData;
  /** Whether time alone may lift it: a check that still runs, say. */
  readonly passing: boolean;
}

export function refuse(code: ErrorCode, data: ErrorData = {}): Refusal {
  return { kind: "refused", code, data, passing: false };
}

/** A refusal that `--wait` waits out. */
export function notYet(code: ErrorCode, data: ErrorData = {}): Refusal {
  return { kind: "refused", code, data, passing: true };
}

export function refusalError(refusal: Refusal): BulkheadError {
  return new BulkheadError(refusal.code, refusal.data);
}
