/**
 * Ledgers of snapshots: one ref for each worktree and session, which names a tree. The tree holds a list of the snapshots and
 * the trees that belong to each. A ref that names no commit shows in no `git log --all`, `gitk` or decoration, and a snapshot
 * keeps its name when older ones are dropped.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { type Git, splitRecords } from "../git/git.ts";
import { readRefFiles } from "../git/ref-files.ts";
import { keptSnapshots } from "./retention.ts";
import { formatSnapshots, parseSnapshots, SNAPSHOTS, type Snapshot, treesOf } from "./snapshot.ts";

/** The entry of a ledger's tree that lists its snapshots. */
const LIST = "list";

export interface Ledger {
  readonly ref: string;
  /** The tree that the ref names; null where there is none yet. */
  readonly tree: string | null;
  /** The newest first. */
  readonly snapshots: readonly Snapshot[];
}

/** The ref of a worktree's and session's ledger. @param gitDir the worktree's git directory */
export function ledgerRef(commonDir: string, gitDir: string, session: string | null): string {
  const place = gitDir === commonDir ? "main" : `worktrees/${gitDir.slice(gitDir.search(/[^\\/]+$/))}`;
  return `${SNAPSHOTS}${place}/${session === null ? "nobody" : refComponent(session)}`;
}

/** The longest name that every file system takes, with room for git's `.lock`. */
const MAX_COMPONENT = 200;

/** A session's id as part of a ref: git allows there less than ids may hold. */
function refComponent(session: string): string {
  const plain = session.replace(/[^A-Za-z0-9_-]/g, (character) => `+${character.charCodeAt(0).toString(16)}`);
  return plain.length <= MAX_COMPONENT ? plain : createHash("sha256").update(session).digest("hex");
}

/** Reads ledgers. Two processes. @param pattern a ref, or the start of refs up to a slash */
export async function readLedgers(git: Git, pattern: string = SNAPSHOTS): Promise<Ledger[]> {
  const listed = await git.text(["for-each-ref", "--format=%(objectname) %(objecttype) %(refname)", pattern]);
  const refs = listed.split("\n").flatMap((line) => {
    const [tree = "", type, ref = ""] = line.split(" ");
    return type === "tree" ? [{ ref, tree }] : [];
  });
  if (refs.length === 0) return [];
  const lists = await readBlobs(
    git,
    refs.map(({ tree }) => `${tree}:${LIST}`),
  );
  return refs.map(({ ref, tree }, i) => ({ ref, tree, snapshots: parseSnapshots(lists[i]?.toString() ?? "") ?? [] }));
}

/** One ledger. One process where its ref is a file, none where there is none. @param commonDir where refs are */
export async function readLedger(git: Git, commonDir: string, ref: string): Promise<Ledger> {
  const tree = readRefFiles(commonDir, ref);
  if (tree !== null) {
    const [list] = await readBlobs(git, [`${tree}:${LIST}`]);
    return { ref, tree, snapshots: parseSnapshots(list?.toString() ?? "") ?? [] };
  }
  const none: Ledger = { ref, tree: null, snapshots: [] };
  if (!existsSync(join(commonDir, "reftable"))) return none;
  return (await readLedgers(git, ref)).find((ledger) => ledger.ref === ref) ?? none;
}

/** Contents of blobs, in the order asked; null for what is not there. One process. */
export async function readBlobs(git: Git, names: readonly string[]): Promise<(Buffer | null)[]> {
  if (names.length === 0) return [];
  const input = names.map((name) => `${name}\n`).join("");
  const { stdout } = await git.run(["cat-file", "--batch"], { input, encoding: "latin1" });
  const contents: (Buffer | null)[] = [];
  for (let at = 0; contents.length < names.length; ) {
    const end = stdout.indexOf("\n", at);
    if (end < 0) break;
    const [, type, size] = stdout.slice(at, end).split(" ");
    const length = type === "blob" ? Number(size) : -1;
    contents.push(length < 0 ? null : Buffer.from(stdout.slice(end + 1, end + 1 + length), "latin1"));
    at = end + 1 + (length < 0 ? 0 : length + 1);
  }
  return contents;
}

/**
 * Adds a snapshot to its ledger, and drops what is too old there.
 * @returns the ledger as it is then; null when another process wrote it meanwhile, and it has to be read again
 */
export async function addSnapshot(git: Git, ledger: Ledger, snapshot: Snapshot, now: Date): Promise<Ledger | null> {
  return writeLedger(git, ledger, keptSnapshots([snapshot, ...ledger.snapshots], now));
}

/** Writes a ledger anew, by compare-and-swap. An empty one goes. @returns as `addSnapshot` */
export async function writeLedger(git: Git, ledger: Ledger, snapshots: readonly Snapshot[]): Promise<Ledger | null> {
  const tree = snapshots.length === 0 ? null : await writeTree(git, snapshots);
  const old = ledger.tree ?? "0".repeat((tree ?? ledger.tree ?? "").length);
  const change = tree === null ? ["-d", ledger.ref, old] : [ledger.ref, tree, old];
  const update = ["-c", "core.logAllRefUpdates=false", "update-ref", ...change];
  const { exitCode, stderr } = await git.run(update, { mode: "write", retryLocked: true, allow: [1, 128] });
  if (exitCode === 0) return { ref: ledger.ref, tree, snapshots };
  const now = (await readLedgers(git, ledger.ref)).find(({ ref }) => ref === ledger.ref)?.tree ?? null;
  if (now !== ledger.tree) return null;
  throw new BulkheadError("GIT_FAILED", { command: `update-ref ${ledger.ref}`, reason: stderr.trim() });
}

async function writeTree(git: Git, snapshots: readonly Snapshot[]): Promise<string> {
  const write = { mode: "write" as const };
  const list = await git.text(["hash-object", "-w", "--stdin"], { ...write, input: formatSnapshots(snapshots) });
  const entries = snapshots.flatMap(treesOf).map(([name, sha]) => `040000 tree ${sha}\t${name}`);
  return git.text(["mktree", "-z"], { ...write, input: [`100644 blob ${list}\t${LIST}`, ...entries, ""].join("\0") });
}

/** What a snapshot holds beside the commit that it was made on: paths, with the mode and object of each; null where it is gone. */
export interface SnapshotFile {
  /** Byte for byte. */
  readonly path: string;
  readonly mode: string;
  readonly sha: string;
}

/** All entries of a tree below its directories. @param paths when given, only what lies at or below them */
export async function listTree(git: Git, tree: string, paths: readonly string[] = []): Promise<SnapshotFile[]> {
  const { stdout } = await git.run(
    ["--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", tree, "--", ...paths],
    {
      encoding: "latin1",
    },
  );
  return splitRecords(stdout).map((record) => {
    const tab = record.indexOf("\t");
    const [mode = "", , sha = ""] = record.slice(0, tab).split(" ");
    return { path: record.slice(tab + 1), mode, sha };
  });
}
