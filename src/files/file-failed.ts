import { BulkheadError } from "../domain/error.ts";

/** The error for a file operation that failed. @param action past participle: "read", "written" … */
export function fileFailed(path: string, action: string, cause: unknown): BulkheadError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new BulkheadError("FILE_FAILED", { path, action, reason }, { cause });
}
