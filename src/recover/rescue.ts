import { BulkheadError } from "../domain/error.ts";
import { HEADS } from "../domain/ref-names.ts";
import { readConfig } from "../git/config-values.ts";
import type { Git } from "../git/git.ts";
import { findObjects } from "../git/objects.ts";
import { listRefs } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import { shortSha } from "./facts.ts";
import { type HoldingRefs, sortRefs } from "./holding-refs.ts";
import { RESCUE_EMAIL, RESCUE_REF } from "./own-commits.ts";
import { listNamed } from "./reachability.ts";
import { isStash } from "./stash-shape.ts";

/** A commit that was to be brought back: on a branch of its own now, or held by refs already. */
export type Recovery =
  | { readonly kind: "created"; readonly sha: string; readonly branch: string; readonly stash: boolean }
  | { readonly kind: "held"; readonly sha: string; readonly refs: readonly string[] };

/**
 * Makes a branch `recovery/<short-sha>-<timestamp>` for each commit that no branch, tag or remote-tracking branch
 * reaches. Moves no ref and checks nothing out: all branches are created in one transaction, or none is.
 * @param names commit hashes, full or abbreviated; @param now goes into the branches' names
 * @throws BulkheadError `INVALID_COMMIT`, `AMBIGUOUS_COMMIT`, `NOT_A_COMMIT`, `COMMIT_NOT_FOUND`, `GIT_FAILED`
 */
export async function recoverCommits(repository: Repository, names: readonly string[], now: Date): Promise<Recovery[]> {
  const { git } = repository;
  const shas = await resolveCommits(git, names);
  const [holding, taken, stashes] = await Promise.all([readHolding(git), listBranches(git), listStashes(git, shas)]);
  const held = await Promise.all(shas.map((sha) => listHolders(git, sha, holding)));
  const recoveries = shas.map((sha, i): Recovery => {
    const refs = held[i] ?? [];
    if (refs.length > 0) return { kind: "held", sha, refs };
    const branch = freeName(`recovery/${shortSha(sha)}-${timestamp(now)}`, taken);
    taken.add(branch);
    return { kind: "created", sha, branch, stash: stashes.has(sha) };
  });
  await createBranches(git, recoveries);
  return recoveries;
}

/** UTC, to the second: `20260131154502`. */
function timestamp(now: Date): string {
  return now.toISOString().slice(0, 19).replace(/\D/g, "");
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name}-${n}`;
  return free;
}

async function resolveCommits(git: Git, names: readonly string[]): Promise<string[]> {
  const prefixes = names.map((name) => name.toLowerCase());
  for (const name of names) {
    if (!/^[0-9a-f]{4,64}$/i.test(name)) throw new BulkheadError("INVALID_COMMIT", { name });
  }
  // Not by revision syntax: there a branch that looks like a hash would win.
  const listed = await git.text(["rev-parse", ...prefixes.map((prefix) => `--disambiguate=${prefix}`)]);
  const objects = await findObjects(git, [...new Set(listed.split("\n").filter((line) => line !== ""))]);
  const resolved = prefixes.map((prefix) => {
    const matches = objects.filter(({ sha, type }) => type !== null && sha.startsWith(prefix));
    const commits = matches.filter(({ type }) => type === "commit").map(({ sha }) => sha);
    const [only] = commits;
    if (commits.length > 1) throw new BulkheadError("AMBIGUOUS_COMMIT", { name: prefix, commits });
    if (only === undefined && matches[0] !== undefined) {
      throw new BulkheadError("NOT_A_COMMIT", { name: prefix, type: matches[0].type ?? "thing" });
    }
    if (only === undefined) throw new BulkheadError("COMMIT_NOT_FOUND", { name: prefix });
    return only;
  });
  return [...new Set(resolved)];
}

async function readHolding(git: Git): Promise<HoldingRefs> {
  const [refs, config] = await Promise.all([listRefs(git), readConfig(git)]);
  return sortRefs(refs, config);
}

/** Refs that reach the commit, of those that count as holding. */
async function listHolders(git: Git, sha: string, { namespaces }: HoldingRefs): Promise<string[]> {
  if (namespaces.length === 0) return [];
  const list = ["for-each-ref", `--contains=${sha}`, "--format=%(refname:short)"];
  const text = await git.text([...list, ...namespaces]);
  return text.split("\n").filter((line) => line !== "");
}

async function listStashes(git: Git, shas: readonly string[]): Promise<Set<string>> {
  const commits = await listNamed(git, shas);
  const parts = await listNamed(git, [...new Set(commits.flatMap(({ parents }) => parents.slice(1)))]);
  const bySha = new Map(parts.map((commit) => [commit.sha, commit]));
  return new Set(commits.filter((commit) => isStash(commit, bySha)).map(({ sha }) => sha));
}

async function listBranches(git: Git): Promise<Set<string>> {
  const text = await git.text(["for-each-ref", "--format=%(refname:lstrip=2)", `${HEADS}recovery/`]);
  return new Set(text.split("\n"));
}

async function createBranches(git: Git, recoveries: readonly Recovery[]): Promise<void> {
  const created = recoveries.filter((recovery) => recovery.kind === "created");
  if (created.length === 0) return;
  // `create` fails where the ref exists by now: nothing is ever moved.
  const commands = created.map(({ branch, sha }) => `create ${HEADS}${branch}\0${sha}\0`);
  await git.run(["update-ref", "--create-reflog", "-m", "bulkhead recover", "-z", "--stdin"], {
    input: commands.join(""),
    mode: "write",
  });
}

/** What `protectCommits` did. */
export interface Protection {
  readonly ref: string;
  /** Commits that it keeps from now on. */
  readonly added: readonly string[];
}

/**
 * Keeps commits from `git gc` behind one ref: a commit whose parents they are, on top of those kept before. The
 * commits stay lost in every other way. `git update-ref -d refs/bulkhead/rescue` lets go of them all.
 * @param tips commits that nothing else holds; @param now goes into the new commit
 */
export async function protectCommits({ git }: Repository, tips: readonly string[], now: Date): Promise<Protection> {
  const read = await git.run(["rev-parse", "--verify", "--quiet", `${RESCUE_REF}^{commit}`], { allow: [1] });
  const before = read.stdout.trim();
  const kept = before === "" ? [] : await listKept(git, before);
  const added = tips.filter((tip) => !kept.includes(tip));
  if (added.length === 0) return { ref: RESCUE_REF, added };
  const tree = (await git.run(["mktree"], { input: "", mode: "write" })).stdout.trim();
  const parents = before === "" ? added : [before, ...added];
  const seconds = Math.floor(now.getTime() / 1000);
  const signature = `Bulkhead <${RESCUE_EMAIL}> ${seconds} +0000`;
  const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`)];
  const content = [...lines, `author ${signature}`, `committer ${signature}`, "", "Keep lost commits from git gc", ""];
  const write = ["hash-object", "-t", "commit", "-w", "--stdin"];
  const commit = (await git.run(write, { input: content.join("\n"), mode: "write" })).stdout.trim();
  // The old value is given: a second run at the same moment is refused instead of letting go of what it added.
  const old = before === "" ? "0".repeat(commit.length) : before;
  await git.run(["update-ref", "-m", "bulkhead recover --protect", RESCUE_REF, commit, old], { mode: "write" });
  return { ref: RESCUE_REF, added };
}

/** Every commit that some run before put behind the ref: the parents of its own commits. */
async function listKept(git: Git, rescue: string): Promise<string[]> {
  const own = await git.text(["rev-list", "--first-parent", "--parents", `--author=<${RESCUE_EMAIL}>`, rescue]);
  return own.split(/\s+/);
}
