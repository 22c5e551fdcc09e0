/**
 * Who owns the sessions at work in a worktree, in a file of its git directory: hooks and commands that open no database
 * tell by it whose process they run in.
 */
import { rmSync } from "node:fs";
import { isSessionId, type SessionId } from "../domain/names.ts";
import type { Owner, Session } from "../domain/session.ts";
import { readText } from "../files/read-file.ts";
import { worktreeLayout } from "./paths.ts";
import { commonDirectoryOf, writeSharedFile } from "./sharing.ts";

export interface Worker {
  readonly sessionId: SessionId;
  readonly owner: Owner;
}

/** Notes whose sessions work in a worktree; none drops the file. @throws BulkheadError `FILE_FAILED` */
export function writeWorkers(gitDir: string, sessions: readonly Pick<Session, "id" | "owner">[]): void {
  const path = worktreeLayout(gitDir).workers;
  if (sessions.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  const workers: Worker[] = sessions.map(({ id, owner }) => ({ sessionId: id, owner }));
  const text = `${JSON.stringify(workers)}\n`;
  if (readOrNull(path) !== text) writeSharedFile(path, text, commonDirectoryOf(gitDir));
}

/** Whose sessions work in a worktree, as far as its file tells: it only informs, so a file that cannot be read tells nothing. */
export function readWorkers(gitDir: string): Worker[] {
  try {
    const found: unknown = JSON.parse(readOrNull(worktreeLayout(gitDir).workers) ?? "[]");
    return Array.isArray(found) ? found.filter(isWorker) : [];
  } catch {
    return [];
  }
}

function readOrNull(path: string): string | null {
  try {
    return readText(path);
  } catch {
    return null;
  }
}

function isWorker(value: unknown): value is Worker {
  const { sessionId, owner } = (value ?? {}) as Partial<Worker>;
  return typeof sessionId === "string" && isSessionId(sessionId) && typeof owner?.terminal?.identity === "string";
}
