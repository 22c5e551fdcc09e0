import { createHash } from "node:crypto";
import { existsSync, linkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { clearDrafts, writeFileAtomically } from "../files/atomic-write.ts";
import { fileFailed } from "../files/file-failed.ts";
import { readLine } from "../files/read-file.ts";
import { makeDirectory } from "../files/shared-directory.ts";
import { commonLayout, worktreeLayout } from "../layout/paths.ts";

/** Below the ports that systems hand out by themselves, above those that programs are used to. */
const FIRST = 20_000;
const COUNT = 10_000;

/**
 * Gives a worktree a port for its programs: by the hash of what it is for, so that it mostly is the same each time, and
 * no other living worktree of the clone has it.
 * @param key what the port is made from: the item and the repository
 * @param isAlive whether a process still runs: what one that was killed has left is cleared
 */
export function takePort(commonDir: string, gitDir: string, key: string, isAlive: (pid: number) => boolean): number {
  const { ports } = commonLayout(commonDir);
  const start = createHash("sha256").update(key).digest().readUInt32BE(0) % COUNT;
  const present = readPort(gitDir);
  const isOwn = (port: number) => readLine(join(ports, String(port))) === gitDir;
  if (present !== null && isOwn(present)) return present;
  const note = worktreeLayout(gitDir).port;
  writeFileAtomically(`${note}.claim`, `${gitDir}\n`);
  makeDirectory(ports);
  try {
    for (let n = 0; n < COUNT; n++) {
      const port = FIRST + ((start + n) % COUNT);
      // One that a worktree of the same name had is its own, too.
      if (!isOwn(port) && !claim(`${note}.claim`, join(ports, String(port)))) continue;
      writeFileAtomically(note, `${port}\n`);
      return port;
    }
  } finally {
    rmSync(`${note}.claim`, { force: true });
    clearDrafts(worktreeLayout(gitDir).root, isAlive);
  }
  throw new Error(`all ${COUNT} ports are taken`);
}

/** The port of a worktree; null when it has none. */
export function readPort(gitDir: string): number | null {
  const port = Number(readLine(worktreeLayout(gitDir).port) ?? Number.NaN);
  return Number.isInteger(port) ? port : null;
}

/** A port is taken by linking a file to its name, which only one can; one whose worktree is gone is free again. */
function claim(file: string, path: string): boolean {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      linkSync(file, path);
      return true;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw fileFailed(path, "made", cause);
      const holder = readLine(path);
      if (holder !== null && existsSync(holder)) return false;
      rmSync(path, { force: true });
    }
  }
  return false;
}
