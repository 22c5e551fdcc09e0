import { randomBytes } from "node:crypto";
import { constants, copyFileSync, mkdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { clearDrafts } from "../files/atomic-write.ts";
import { isMissingFile } from "../files/read-file.ts";
import type { Git } from "../git/git.ts";
import { worktreeLayout } from "../layout/paths.ts";
import { type FileState, fullPath } from "./worktree-changes.ts";

type IndexPlace = { readonly gitDir: string };
type IsAlive = (pid: number) => boolean;

/**
 * Works with a copy of a worktree's index, which goes afterwards.
 * @param from `copy`: the worktree's own; `empty`: none
 */
export async function withPrivateIndex<T>(
  { gitDir }: IndexPlace,
  isAlive: IsAlive,
  work: (env: Readonly<Record<string, string>>) => Promise<T>,
  from: "copy" | "empty" = "copy",
): Promise<T> {
  const { privateIndex } = worktreeLayout(gitDir);
  mkdirSync(dirname(privateIndex), { recursive: true });
  clearDrafts(dirname(privateIndex), isAlive);
  const path = `${privateIndex}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    if (from === "copy") copyIndex(gitDir, path);
    return await work({ GIT_INDEX_FILE: path });
  } finally {
    rmSync(path, { force: true });
    rmSync(`${path}.lock`, { force: true });
  }
}

function copyIndex(gitDir: string, path: string): void {
  try {
    copyFileSync(join(gitDir, "index"), path, constants.COPYFILE_FICLONE);
  } catch (cause) {
    // Nothing was ever added here.
    if (!isMissingFile(cause)) throw cause;
  }
}

/** No write of ours may warn about line endings, split an index in two or ask a file system watcher. */
const PLAIN = ["-c", "core.safecrlf=false", "-c", "core.splitIndex=false", "-c", "core.fsmonitor=false"];

/**
 * Brings an index up to date with files, those that are gone included; their content is stored.
 * @param submodules directories that are entries themselves; in the place of any other entry, a directory means that it is gone
 */
export async function updateIndex(
  git: Git,
  env: Readonly<Record<string, string>>,
  { files, submodules }: { readonly files: readonly FileState[]; readonly submodules: readonly string[] },
): Promise<void> {
  const isGone = ({ kind, path }: FileState) => kind === "other" && !submodules.includes(path);
  const update = async (paths: readonly FileState[], ...options: readonly string[]) => {
    if (paths.length === 0) return;
    const input = Buffer.from(paths.map(({ path }) => `${path}\0`).join(""), "latin1");
    await git.run([...PLAIN, "update-index", "-z", ...options, "--stdin"], { mode: "write", env, input });
  };
  await update(files.filter(isGone), "--force-remove");
  await update(
    files.filter((file) => !isGone(file)),
    "--add",
    "--remove",
    "--replace",
  );
}

/** Stores files byte for byte, past every filter, in a tree of their own. @returns null for none */
export async function writeRawTree(
  place: IndexPlace & { readonly git: Git; readonly top: string },
  isAlive: IsAlive,
  files: readonly FileState[],
): Promise<string | null> {
  if (files.length === 0) return null;
  const { git, top } = place;
  const write = { mode: "write" as const };
  const store = ["hash-object", "-w", "--no-filters"];
  const plain = files.filter(({ kind, path }) => kind === "file" && !path.includes("\n"));
  const input = Buffer.concat(plain.flatMap(({ path }) => [fullPath(top, path), Buffer.from("\n")]));
  const listed = plain.length === 0 ? "" : await git.text([...store, "--stdin-paths"], { ...write, input });
  const shas = new Map(listed.split("\n").map((sha, i) => [plain[i]?.path ?? "", sha]));
  for (const { path, kind } of files.filter((file) => !plain.includes(file))) {
    const content =
      kind === "link" ? readlinkSync(fullPath(top, path), { encoding: "buffer" }) : readFileSync(fullPath(top, path));
    shas.set(path, await git.text([...store, "--stdin"], { ...write, input: content }));
  }
  const entries = files.map((file) => `${modeOf(file)} ${shas.get(file.path)}\t${file.path}\0`).join("");
  return withPrivateIndex(
    place,
    isAlive,
    async (env) => {
      const list = { ...write, env, input: Buffer.from(entries, "latin1") };
      await git.run(["update-index", "-z", "--index-info"], list);
      return git.text(["write-tree"], { ...write, env });
    },
    "empty",
  );
}

function modeOf({ kind, stamp }: FileState): string {
  if (kind === "link") return "120000";
  return (Number(stamp.split(" ")[2]) & 0o100) === 0 ? "100644" : "100755";
}
