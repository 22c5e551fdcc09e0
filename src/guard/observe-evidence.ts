import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isZeroSha } from "../domain/names.ts";
import { HEADS, REMOTES } from "../domain/ref-names.ts";
import { isSamePath } from "../files/same-path.ts";
import { decodeLines, isEscapedText } from "../files/text-encoding.ts";
import { gitEnvironment } from "../git/environment.ts";
import { runGitSync } from "../git/git-sync.ts";
import { type AncestryPair, findAncestors } from "./ancestry.ts";
import { askGit } from "./ask-git.ts";
import { callingCommand, callingGit, readFetch, readRename } from "./calling-git.ts";
import type { ChangeEvidence, GuardHead, RefChange } from "./facts.ts";
import type { HookCall } from "./observe.ts";
import { isProtected } from "./protect.ts";

const NONE: ChangeEvidence = {
  pruning: false,
  renaming: false,
  fastForward: false,
  heldByRemote: false,
  fetched: [],
  known: false,
};

/**
 * Finds out what may excuse changes, for all of them at once: the number of processes is the same for one branch and
 * for a thousand. @param changes those whose verdict depends on it
 */
export function observeEvidence(
  changes: readonly RefChange[],
  head: GuardHead,
  call: HookCall,
): Record<string, ChangeEvidence> {
  const evidence: Record<string, ChangeEvidence> = {};
  const existing = changes.filter(
    ({ ref, present, newValue }) => isBranch(ref) && present !== null && present !== newValue,
  );
  const deleted = existing.filter(({ newValue }) => isZeroSha(newValue));
  if (deleted.length > 0) {
    const packed = readPacked(call);
    const renamed = readRename(callingGit(call.env.BULKHEAD_GIT_PID));
    for (const change of deleted) {
      evidence[change.ref] = {
        ...NONE,
        pruning: isPruning(change, packed),
        renaming: deleted.length === 1 && renamed !== null && change.ref === `${HEADS}${renamed}`,
      };
    }
  }
  // The branch that becomes another name of one (`ref:…`): whose commits it then has is not looked into.
  const moved = existing.filter(({ newValue }) => !isZeroSha(newValue) && !newValue.startsWith("ref:"));
  if (moved.length > 0) Object.assign(evidence, observeMoves(moved, call));
  for (const { ref, oldValue, newValue } of changes) {
    const asks = ref === "HEAD" && head.kind === "detached" && /^[0-9a-f]+$/.test(newValue);
    if (!asks || isZeroSha(newValue) || isZeroSha(oldValue)) continue;
    evidence[ref] = { ...NONE, known: isKnown(call, newValue) };
  }
  return evidence;
}

function isBranch(ref: string): boolean {
  return ref.startsWith(HEADS);
}

/** Lines of `packed-refs`; null where there is none, or git is about to change it. */
function readPacked({ place }: HookCall): ReadonlySet<string> | null {
  const path = join(place.commonDir, "packed-refs");
  if (!existsSync(path) || existsSync(`${path}.lock`)) return null;
  return new Set(decodeLines(readFileSync(path)));
}

/**
 * Whether this only drops a loose ref whose value is in packed-refs. git gives the old value then, and does not
 * hold `packed-refs.lock`, which it does when it really deletes a ref that is packed.
 */
function isPruning({ ref, oldValue, present }: RefChange, packed: ReadonlySet<string> | null): boolean {
  return !isZeroSha(oldValue) && oldValue === present && (packed?.has(`${oldValue} ${ref}`) ?? false);
}

/** Whether the commit was reachable before, from a ref, a reflog or a worktree's HEAD. */
function isKnown(call: HookCall, sha: string): boolean {
  return askGit(call, ["rev-list", "--max-count=1", sha, "--not", "--all", "--reflog"]).stdout === "";
}

/** Which moves are fast-forwards, and which of these bring what a remote holds. */
function observeMoves(moved: readonly RefChange[], call: HookCall): Record<string, ChangeEvidence> {
  const remotes = decodeLines(askGit(call, ["remote"]).bytes).filter(Boolean);
  const tracking = readTracking(moved, remotes, call);
  const forward = moved.map((change) => ({ older: change.present ?? "", newer: change.newValue }));
  const held = moved.map(({ ref, newValue }) =>
    (tracking.get(ref) ?? []).map((value) => ({ older: newValue, newer: value })),
  );
  const found = findAncestors([...forward, ...held.flat()], call);
  const fetched = fetchedBranches(remotes, call);
  // A refspec's `*` means what a protect pattern's does.
  const isFetched = (branch: string) => isProtected(branch, fetched);
  const isHeld = (pairs: readonly AncestryPair[]) => pairs.some((pair) => found.has(pair));
  return Object.fromEntries(
    moved.map(({ ref }, index) => {
      const fastForward = found.has(forward[index] as AncestryPair);
      const brought = isFetched(ref.slice(HEADS.length));
      const heldByRemote = fastForward && (isHeld(held[index] ?? []) || brought);
      return [ref, { ...NONE, fastForward, heldByRemote, fetched: brought ? fetched : [] }];
    }),
  );
}

/** Values of the remote-tracking refs of the same name, now and as this transaction is to set them, by branch ref. */
function readTracking(
  moved: readonly RefChange[],
  remotes: readonly string[],
  call: HookCall,
): ReadonlyMap<string, readonly string[]> {
  const followed = new Map<string, string>();
  for (const { ref } of moved) {
    for (const remote of remotes) followed.set(`${REMOTES}${remote}/${ref.slice(HEADS.length)}`, ref);
  }
  const values = new Map<string, string[]>();
  const add = (tracking: string, value: string) => {
    const ref = followed.get(tracking);
    if (ref !== undefined) values.set(ref, [...(values.get(ref) ?? []), value]);
  };
  for (const [tracking, value] of readRefs(call, [...followed.keys()], "refs/remotes/")) add(tracking, value);
  for (const { ref, newValue } of call.lines) if (!isZeroSha(newValue)) add(ref, newValue);
  return values;
}

/**
 * Values of the refs that exist among those named, in one process.
 * @param room where all of them stand: a long list would not fit a command line, and a name that is no UTF-8 cannot be put
 * on one; then all that stands there is read
 */
export function readRefs(call: HookCall, refs: readonly string[], room: string): Map<string, string> {
  if (refs.length === 0) return new Map();
  const patterns = refs.length > 200 || refs.some(isEscapedText) ? [room] : refs;
  const { bytes } = askGit(call, ["for-each-ref", "--format=%(objectname) %(refname)", "--", ...patterns]);
  const wanted = new Set(refs);
  const all = decodeLines(bytes).filter(Boolean);
  const pairs = all.map((line): [string, string] => [line.slice(line.indexOf(" ") + 1), line.split(" ")[0] ?? ""]);
  return new Map(pairs.filter(([ref]) => wanted.has(ref)));
}

/**
 * Branches that the git which runs the hook fetches from a remote: in `git fetch origin main:main` the branch moves before
 * the remote-tracking ref does, so only the command tells. It has to name a remote (`git fetch . x:main` brings what was
 * made here), and the same branch on both sides.
 */
function fetchedBranches(remotes: readonly string[], call: HookCall): readonly string[] {
  const words = callingGit(call.env.BULKHEAD_GIT_PID);
  if (words === null || callingCommand(words) !== "fetch") return [];
  const { remote, follows } = readFetch(words.slice(words.indexOf("fetch") + 1));
  return remotes.includes(remote) && !isThisRepository(remote, call) ? follows : [];
}

/** A remote can be set to lead back here. */
function isThisRepository(remote: string, call: HookCall): boolean {
  const url = askGit(call, ["remote", "get-url", remote])
    .stdout.replace(/\n$/, "")
    .replace(/^file:\/\//, "");
  const path = resolve(call.cwd, url);
  if (!existsSync(path)) return false;
  const commonDir = runGitSync(["rev-parse", "--path-format=absolute", "--git-common-dir"], {
    cwd: path,
    env: gitEnvironment(call.env),
  });
  return !commonDir.ran || commonDir.exitCode !== 0 || isSamePath(commonDir.stdout.trim(), call.place.commonDir);
}
