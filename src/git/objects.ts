import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isMissingFile } from "../files/read-file.ts";
import { STORED_OBJECTS } from "./commits.ts";
import type { Git } from "./git.ts";

const FAN_OUT = /^[0-9a-f]{2}$/;
const OBJECT_FILE = /^(?:[0-9a-f]{38}|[0-9a-f]{62})$/;

/** Names of the objects that lie loose in the object directory of a clone. */
export async function listLooseObjects(commonDir: string): Promise<string[]> {
  const objects = join(commonDir, "objects");
  const fans = (await readdir(objects)).filter((name) => FAN_OUT.test(name));
  const lists = await Promise.all(
    fans.map(async (fan) => {
      const files = await readdir(join(objects, fan)).catch(emptyWhenGone);
      return files.filter((file) => OBJECT_FILE.test(file)).map((file) => fan + file);
    }),
  );
  return lists.flat();
}

function emptyWhenGone(fault: unknown): string[] {
  // gc removes a fan-out directory that it has emptied.
  if (isMissingFile(fault)) return [];
  throw fault;
}

/** When a loose object was written, in seconds since 1970; null when it is not loose. */
export async function looseObjectTime(commonDir: string, sha: string): Promise<number | null> {
  try {
    const { mtimeMs } = await stat(join(commonDir, "objects", sha.slice(0, 2), sha.slice(2)));
    return Math.floor(mtimeMs / 1000);
  } catch (fault) {
    if (isMissingFile(fault)) return null;
    throw fault;
  }
}

/** An object as `git cat-file --batch-check` tells it; without a type when there is none of that name. */
export interface FoundObject {
  /** What was asked for. */
  readonly name: string;
  readonly sha: string;
  readonly type: string | null;
}

/**
 * Looks many objects up in one process.
 * @param names object names, or revisions without white space
 */
export async function findObjects(git: Git, names: readonly string[]): Promise<FoundObject[]> {
  if (names.length === 0) return [];
  const format = "--batch-check=%(objectname) %(objecttype)";
  const { stdout } = await git.run(["cat-file", "--buffer", format], {
    input: names.map((name) => `${name}\n`).join(""),
    env: STORED_OBJECTS,
  });
  const lines = stdout.split("\n");
  return names.map((name, i) => {
    const [sha = "", type = ""] = (lines[i] ?? "").split(" ");
    return ["commit", "tag", "tree", "blob"].includes(type) ? { name, sha, type } : { name, sha: name, type: null };
  });
}

/** Every commit in the object store, packed ones too, reachable or not. */
export async function listAllCommits(git: Git): Promise<string[]> {
  const format = "--batch-check=%(objecttype) %(objectname)";
  const { stdout } = await git.run(["cat-file", "--batch-all-objects", "--unordered", "--buffer", format], {
    env: STORED_OBJECTS,
  });
  return stdout.split("\n").flatMap((line) => (line.startsWith("commit ") ? [line.slice("commit ".length)] : []));
}
