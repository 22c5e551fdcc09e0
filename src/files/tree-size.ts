import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Bytes of the files below a directory; links count as links. What cannot be read counts for nothing. */
export function treeSize(directory: string): number {
  let bytes = 0;
  const rooms = [directory];
  for (let room = rooms.pop(); room !== undefined; room = rooms.pop()) {
    try {
      for (const entry of readdirSync(room, { withFileTypes: true })) {
        const path = join(room, entry.name);
        if (entry.isDirectory()) rooms.push(path);
        else if (entry.isFile()) bytes += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
      }
    } catch {
      // Gone meanwhile, or not ours to enter.
    }
  }
  return bytes;
}
