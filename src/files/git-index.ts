import { existsSync } from "node:fs";
import { join } from "node:path";
import { listNames, readBytes, readText } from "./read-file.ts";

/** Stands before the entries: signature, version, number of entries. */
const HEADER_BYTES = 12;
/** What an entry holds before its object name: times, device, inode, mode, owner, size. */
const STAT_BYTES = 40;
/** The flag that says that two more bytes of flags follow (version 3 and later). */
const EXTENDED = 0x4000;

/**
 * Whether git tracks a path at the top of a worktree, from its index file. Starts no process: hooks ask.
 * @param gitDir the worktree's git directory @param commonDir the clone's
 */
export function isInIndex(gitDir: string, commonDir: string, path: string): boolean {
  const sha256 = /^\s*objectformat\s*=\s*sha256\s*$/im.test(readText(join(commonDir, "config")) ?? "");
  // A split index keeps most of its entries in a shared file beside it.
  const shared = existsSync(join(gitDir, "index"))
    ? listNames(gitDir).filter((name) => name.startsWith("sharedindex."))
    : [];
  return ["index", ...shared].some((name) => {
    const index = readBytes(join(gitDir, name));
    return index !== null && indexHas(index, path, sha256 ? 32 : 20);
  });
}

/**
 * Whether an index lists a path (https://git-scm.com/docs/index-format, versions 2 to 4). Pure. Entries are sorted by name, so
 * that one at the top of a worktree with a dot in front is found, or missed, among the first.
 * @param hashBytes 20 for SHA-1, 32 for SHA-256
 */
export function indexHas(index: Buffer, path: string, hashBytes: number): boolean {
  if (index.length < HEADER_BYTES || index.toString("latin1", 0, 4) !== "DIRC") return false;
  const version = index.readUInt32BE(4);
  const wanted = Buffer.from(path).toString("latin1");
  let name = "";
  let at = HEADER_BYTES;
  for (let left = index.readUInt32BE(8); left > 0; left--) {
    const start = at;
    at += STAT_BYTES + hashBytes;
    if (at + 2 > index.length) return false;
    at += index.readUInt16BE(at) & EXTENDED ? 4 : 2;
    if (version === 4) {
      const { value, next } = readVarint(index, at);
      at = next;
      name = name.slice(0, name.length - value);
    } else name = "";
    const end = index.indexOf(0, at);
    if (end < 0) return false;
    name += index.toString("latin1", at, end);
    // Up to version 3 an entry is padded with one to eight NULs to a multiple of eight bytes.
    at = version === 4 ? end + 1 : start + (Math.floor((end - start) / 8) + 1) * 8;
    if (name === wanted) return true;
    if (name > wanted) return false;
  }
  return false;
}

/** A number as pack files write offsets (https://git-scm.com/docs/pack-format). */
function readVarint(bytes: Buffer, from: number): { value: number; next: number } {
  let at = from;
  let byte = bytes[at++] ?? 0;
  let value = byte & 0x7f;
  while (byte & 0x80) {
    byte = bytes[at++] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, next: at };
}
