/**
 * Single refs, read from the files that git keeps them in (https://git-scm.com/docs/gitrepository-layout): the two or three
 * that a command of every day asks for are not worth a process.
 */
import { join } from "node:path";
import { isCommitSha } from "../domain/names.ts";
import { readText } from "../files/read-file.ts";
import { readGitFile } from "./operation.ts";

/**
 * What a ref of the clone names, read without a process: from its own file, else from `packed-refs`.
 * @returns null where neither tells: there is no such ref, or the repository keeps refs in another way (reftable)
 */
export function readRefFiles(commonDir: string, ref: string): string | null {
  const loose = readGitFile(commonDir, ref);
  if (loose !== null) return loose;
  const packed = readText(join(commonDir, "packed-refs")) ?? "";
  const end = packed.indexOf(` ${ref}\n`);
  return end < 0 ? null : packed.slice(packed.lastIndexOf("\n", end) + 1, end);
}

/** Whether a ref with a value is there for certain; false where git has to be asked. */
export function refIsThere(commonDir: string, ref: string): boolean {
  return isCommitSha(readCertain(commonDir, ref) ?? "");
}

/** The ref that a symbolic ref names; null where git has to be asked. */
export function symbolicTarget(commonDir: string, ref: string): string | null {
  return /^ref: (refs\/\S+)$/.exec(readCertain(commonDir, ref) ?? "")?.[1] ?? null;
}

/** A directory of that name, or a file that may not be read, tells nothing. */
function readCertain(commonDir: string, ref: string): string | null {
  try {
    return readRefFiles(commonDir, ref);
  } catch {
    return null;
  }
}
