import { STORED_OBJECTS } from "./commits.ts";
import type { Git } from "./git.ts";

/** One entry of a tree object. */
export interface TreeEntry {
  readonly mode: string;
  /** Byte for byte. */
  readonly name: string;
  readonly sha: string;
}

/**
 * Parses a tree object: `<mode> <name>`, NUL, the object's name in bytes.
 * @param content one character for each byte @param nameLength 20 for SHA-1, 32 for SHA-256
 */
export function treeEntries(content: string, nameLength: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(" ", at);
    const end = content.indexOf("\0", space);
    if (space < 0 || end < 0) break;
    const sha = Buffer.from(content.slice(end + 1, end + 1 + nameLength), "latin1").toString("hex");
    entries.push({ mode: content.slice(at, space), name: content.slice(space + 1, end), sha });
    at = end + 1 + nameLength;
  }
  return entries;
}

/** A file that a commit holds. */
export interface TrackedFile {
  /** Byte for byte. */
  readonly path: string;
  readonly sha: string;
  /** Bytes. */
  readonly size: number;
}

/** All files of a commit; links and submodules are none. */
export async function listTrackedFiles(git: Git, commit: string): Promise<TrackedFile[]> {
  const { stdout } = await git.run(["ls-tree", "-r", "-z", "-l", "--full-tree", commit], {
    env: STORED_OBJECTS,
    encoding: "latin1",
  });
  return stdout.split("\0").flatMap((record) => {
    const [, sha, size, path] = /^100\d+ blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(record) ?? [];
    return sha === undefined || path === undefined ? [] : [{ path, sha, size: Number(size) }];
  });
}
