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

/**
 * The objects of the object store, packed ones too, reachable or not.
 * @param wanted which of them; a large clone has millions
 */
export async function listAllObjects(git: Git, wanted: (type: string, sha: string) => boolean): Promise<FoundObject[]> {
  const format = "--batch-check=%(objecttype) %(objectname)";
  const { stdout } = await git.run(["cat-file", "--batch-all-objects", "--unordered", "--buffer", format], {
    env: STORED_OBJECTS,
    encoding: "latin1",
  });
  const objects: FoundObject[] = [];
  let start = 0;
  for (let end = stdout.indexOf("\n"); end >= 0; end = stdout.indexOf("\n", start)) {
    const space = stdout.indexOf(" ", start);
    const sha = stdout.slice(space + 1, end);
    const type = stdout.slice(start, space);
    if (wanted(type, sha)) objects.push({ name: sha, sha, type });
    start = end + 1;
  }
  return objects;
}

/**
 * The contents of files as commits hold them, by `fileKey`; those that are missing, or no files, are left out.
 * @param requests paths byte for byte, without line feeds
 */
export async function readFilesAt(
  git: Git,
  requests: readonly { readonly commit: string; readonly path: string }[],
): Promise<Map<string, FileContent>> {
  const found = await readObjects(git, [...new Set(requests.map(({ commit, path }) => fileKey(commit, path)))]);
  return new Map([...found].filter(([, { type }]) => type === "blob"));
}

/** Under which `readFilesAt` answers. */
export function fileKey(commit: string, path: string): string {
  return `${commit}:${path}`;
}

/** The contents of blobs or trees by their names, byte for byte; missing ones are left out. */
export async function readContents(git: Git, shas: readonly string[]): Promise<Map<string, string>> {
  return new Map([...(await readObjects(git, shas))].map(([name, { text }]) => [name, text]));
}

/** An object's content, one character for each byte. */
export interface FileContent {
  readonly sha: string;
  readonly type: string;
  readonly text: string;
}

async function readObjects(git: Git, names: readonly string[]): Promise<Map<string, FileContent>> {
  const contents = new Map<string, FileContent>();
  if (names.length === 0) return contents;
  const { stdout } = await git.run(["cat-file", "--batch", "--buffer"], {
    input: Buffer.from(names.map((name) => `${name}\n`).join(""), "latin1"),
    env: STORED_OBJECTS,
    encoding: "latin1",
  });
  let at = 0;
  for (const name of names) {
    const end = stdout.indexOf("\n", at);
    const [, sha = "", type = "", size = ""] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(stdout.slice(at, end)) ?? [];
    at = end + 1;
    if (sha === "") continue;
    contents.set(name, { sha, type, text: stdout.slice(at, at + Number(size)) });
    at += Number(size) + 1;
  }
  return contents;
}
