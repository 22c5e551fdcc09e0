/**
 * What git's index says, read from its file (https://git-scm.com/docs/index-format): a process for each worktree would cost
 * more than all else that is asked about it.
 */
import { join } from "node:path";
import { readBytes } from "../files/read-file.ts";

/** What is wanted of an index. */
export interface IndexSummary {
  /** Tracked paths that `git status` was told not to look at (`assume-unchanged`, `skip-worktree`). */
  readonly unwatched: readonly string[];
  /** Bytes of the tracked files that are there, as git last saw them. */
  readonly bytes: number;
}

/** Offsets in an entry; the flags stand behind the object name. */
const SIZE_AT = 36;
const NAME_OF_OBJECT_AT = 40;
const SHA1_BYTES = 20;
const [ASSUME_UNCHANGED, EXTENDED, NAME_LENGTH] = [0x8000, 0x4000, 0x0fff];
const SKIP_WORKTREE = 0x4000;

/** @returns null where the file does not tell by itself (another version, a split or sparse index): git has to be asked */
export function readIndexFile(gitDir: string): IndexSummary | null {
  const bytes = readBytes(join(gitDir, "index"));
  return bytes === null ? { unwatched: [], bytes: 0 } : parseIndex(bytes);
}

/** Parses versions 2 and 3, with SHA-1 names. Pure. @returns null for anything else */
export function parseIndex(index: Buffer): IndexSummary | null {
  if (index.length < 12 + SHA1_BYTES || index.toString("latin1", 0, 4) !== "DIRC") return null;
  const version = index.readUInt32BE(4);
  if (version !== 2 && version !== 3) return null;
  const unwatched: string[] = [];
  let [at, bytes] = [12, 0];
  const end = index.length - SHA1_BYTES;
  for (let left = index.readUInt32BE(8); left > 0; left--) {
    const flagsAt = at + NAME_OF_OBJECT_AT + SHA1_BYTES;
    if (flagsAt + 4 > end) return null;
    const flags = index.readUInt16BE(flagsAt);
    const more = (flags & EXTENDED) === 0 ? 0 : index.readUInt16BE(flagsAt + 2);
    const nameAt = flagsAt + ((flags & EXTENDED) === 0 ? 2 : 4);
    const nameEnd = index.indexOf(0, nameAt);
    const length = nameEnd - nameAt;
    if (nameEnd < 0 || Math.min(length, NAME_LENGTH) !== (flags & NAME_LENGTH)) return null;
    if ((flags & ASSUME_UNCHANGED) !== 0 || (more & SKIP_WORKTREE) !== 0) {
      unwatched.push(index.toString("utf8", nameAt, nameEnd));
    }
    bytes += index.readUInt32BE(at + SIZE_AT);
    // At least one NUL, up to a multiple of eight from the entry's start.
    at += (nameEnd - at + 8) & ~7;
  }
  return knowsExtensions(index, at, end) ? { unwatched, bytes } : null;
}

/** A `link` means that other entries stand in another file, `sdir` that a directory stands for what is in it. */
function knowsExtensions(index: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at + 8 <= end && !["link", "sdir"].includes(index.toString("latin1", at, at + 4))) {
    at += 8 + index.readUInt32BE(at + 4);
  }
  return at === end;
}
