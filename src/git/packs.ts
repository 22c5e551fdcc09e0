import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isMissingFile } from "../files/read-file.ts";

/** One pack of a clone's object store, by its index. */
export interface Pack {
  readonly index: string;
  /** When it was written, in seconds since 1970. */
  readonly writtenAt: number;
  readonly objects: number;
}

/** Version 2 (https://git-scm.com/docs/gitformat-pack): magic, version, 256 running counts, names, … */
const MAGIC = 0xff744f63;
const NAMES_AT = 8 + 256 * 4;

/** The packs of the clone's own object directory; not those that it borrows. */
export async function listPacks(commonDir: string): Promise<Pack[]> {
  const directory = join(commonDir, "objects", "pack");
  const names = await readdir(directory).catch(noneWhenMissing);
  const packs = names.filter((name) => name.endsWith(".idx")).map((name) => readHead(join(directory, name)));
  return (await Promise.all(packs)).filter((pack) => pack !== null);
}

async function readHead(index: string): Promise<Pack | null> {
  try {
    const [{ mtimeMs }, { size }] = await Promise.all([stat(index.replace(/idx$/, "pack")), stat(index)]);
    // Each object takes a name (20 bytes, or 32), a checksum and an offset: close enough for a budget.
    return { index, writtenAt: Math.floor(mtimeMs / 1000), objects: Math.max(0, Math.floor((size - NAMES_AT) / 28)) };
  } catch (fault) {
    if (isMissingFile(fault)) return null;
    throw fault;
  }
}

/** What a pack's index says. */
export interface PackIndex {
  readonly names: () => string[];
  /** When an object was written, in seconds since 1970; null for one that is not in this pack. */
  readonly writtenAt: (sha: string) => number | null;
}

/** Reads a pack's index; null when it vanished. Objects in a cruft pack have times of their own. */
export async function readPackIndex(pack: Pack, nameBytes: 20 | 32): Promise<PackIndex | null> {
  const index = await readFile(pack.index).catch(nullWhenMissing);
  if (index === null || index.length < NAMES_AT || index.readUInt32BE(0) !== MAGIC) return null;
  const count = index.readUInt32BE(NAMES_AT - 4);
  // Header: magic, version, hash; then a time for each object, in the order of the index.
  const times = await readFile(pack.index.replace(/idx$/, "mtimes")).catch(nullWhenMissing);
  const nameAt = (i: number) => index.toString("hex", NAMES_AT + i * nameBytes, NAMES_AT + (i + 1) * nameBytes);
  return {
    names: () => Array.from({ length: count }, (_, i) => nameAt(i)),
    writtenAt: (sha) => {
      const position = find(sha, count, nameAt);
      if (position === null) return null;
      return times === null ? pack.writtenAt : times.readUInt32BE(12 + position * 4);
    },
  };
}

/** Names stand in their order. */
function find(sha: string, count: number, nameAt: (i: number) => string): number | null {
  let [low, high] = [0, count - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const name = nameAt(middle);
    if (name === sha) return middle;
    if (name < sha) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

function noneWhenMissing(fault: unknown): string[] {
  if (isMissingFile(fault)) return [];
  throw fault;
}

function nullWhenMissing(fault: unknown): null {
  if (isMissingFile(fault)) return null;
  throw fault;
}
