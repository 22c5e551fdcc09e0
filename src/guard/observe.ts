import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Expectation } from "../domain/expectation.ts";
import { isSamePath } from "../files/same-path.ts";
import { decodeLines, encodeText, isEscapedText } from "../files/text-encoding.ts";
import { gitEnvironment } from "../git/environment.ts";
import { type GitAnswer, runGitSync } from "../git/git-sync.ts";
import type { GuardConf } from "../layout/guard-conf.ts";
import { readExpectation } from "../layout/session-file.ts";
import { callingCommand, callingGit, readFetch } from "./calling-git.ts";
import type { ChangeEvidence, GuardFacts, GuardHead, GuardHook, PushedRef, RefChange } from "./facts.ts";
import type { parsePushedRefs, TransactionLine } from "./transaction.ts";
import {
  detachedHead,
  type HookPlace,
  readAbortTargets,
  readGitFile,
  readHeadFile,
  readOtherSessions,
} from "./worktree-files.ts";

/** Raised when a fact cannot be had: the guard then fails closed. */
export class ObservationError extends Error {}

/** How a hook was called. */
export interface HookCall {
  readonly hook: GuardHook;
  readonly hookArguments: readonly string[];
  readonly lines: readonly TransactionLine[];
  readonly place: HookPlace;
  readonly conf: GuardConf;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** Gathers everything that the verdict needs. Reads only. @throws ObservationError when git cannot answer */
export function observeGuard(call: HookCall): GuardFacts {
  const { hook, hookArguments, place, conf, env } = call;
  const expectation: Expectation = place.topLevel === "" ? { kind: "missing" } : readExpectation(place.topLevel);
  const expected = expectation.kind === "present" ? expectation.content.expectedBranch : null;
  const head = completeHead(readHeadFile(place.gitDir) ?? askHead(call), expected, call);
  const changes = observeChanges(call);
  const set = (name: string) => !/^(|0|false|no|off)$/i.test(env[name] ?? "");
  return {
    hook,
    hookArguments,
    linked: place.linked,
    topLevel: place.topLevel,
    expectation,
    expectedExists: expected !== null && presentValues(call, [`refs/heads/${expected}`]).size > 0,
    head,
    unborn: head.kind === "branch" && presentValues(call, [`refs/heads/${head.branch}`]).size === 0,
    protect: conf.protect,
    requireSession: conf.requireSession,
    skip: set("SKIP_BRANCH_GUARD"),
    allowUnknown: set("BRANCH_GUARD_ALLOW_UNKNOWN"),
    reflogAction: env.GIT_REFLOG_ACTION ?? "",
    changes,
    evidence: Object.fromEntries(changes.map((change) => [change.ref, gatherEvidence(change, head, call)])),
    others: readOtherSessions(place, conf.main),
    abortTargets: readAbortTargets(place.gitDir),
  };
}

/**
 * While the apply backend of a rebase is at work, git has not yet written down which branch it will put back. It is
 * the expected one when that still stands where the rebase began (`ORIG_HEAD`).
 */
function completeHead(head: GuardHead, expected: string | null, call: HookCall): GuardHead {
  const { gitDir } = call.place;
  if (head.kind !== "detached" || head.rebasing !== null || expected === null) return head;
  if (!existsSync(join(gitDir, "rebase-apply", "rebasing"))) return head;
  const ref = `refs/heads/${expected}`;
  const began = readGitFile(gitDir, "ORIG_HEAD");
  return presentValues(call, [ref]).get(ref) === began ? { ...head, rebasing: expected } : head;
}

/** Runs git as the hook was run: in the same directory, with the variables git set for it. */
function ask(
  call: HookCall,
  args: readonly string[],
  allow: readonly number[] = [],
): Extract<GitAnswer, { ran: true }> {
  const answer = runGitSync(args, { cwd: call.cwd, env: call.env });
  if (!answer.ran) throw new ObservationError(answer.reason);
  if (answer.exitCode !== 0 && !allow.includes(answer.exitCode)) {
    throw new ObservationError(`git ${args[0]}: ${answer.stderr.trim().split("\n")[0]}`);
  }
  return answer;
}

/** Asks git for `HEAD`, where its file does not tell (reftable). */
function askHead(call: HookCall): GuardHead {
  const ref = ask(call, ["symbolic-ref", "-q", "HEAD"], [1]);
  const [name = ""] = decodeLines(ref.bytes);
  if (ref.exitCode === 0 && name.startsWith("refs/heads/")) return { kind: "branch", branch: name.slice(11) };
  return detachedHead(call.place.gitDir, ask(call, ["rev-parse", "--verify", "HEAD"]).stdout.trim());
}

/** Present values of the refs that exist among those named. */
function presentValues(call: HookCall, refs: readonly string[]): Map<string, string> {
  if (refs.length === 0) return new Map();
  // A long list would not fit a command line, and a name that is no UTF-8 cannot be put on one: then all are read.
  const patterns = refs.length > 200 || refs.some(isEscapedText) ? ["refs/heads/"] : refs;
  const { bytes } = ask(call, ["for-each-ref", "--format=%(refname) %(objectname)", "--", ...patterns]);
  const all = decodeLines(bytes)
    .filter(Boolean)
    .map((line) => line.split(" ") as [string, string]);
  const wanted = new Set(refs);
  return new Map(all.filter(([ref]) => wanted.has(ref)));
}

function observeChanges(call: HookCall): RefChange[] {
  const branches = call.lines.map(({ ref }) => ref).filter((ref) => ref.startsWith("refs/heads/"));
  const present = presentValues(call, branches);
  return call.lines.map((line) => ({ ...line, present: present.get(line.ref) ?? null }));
}

const NO_EVIDENCE: ChangeEvidence = { pruning: false, fastForward: false, heldByRemote: false, known: false };

function gatherEvidence(change: RefChange, head: GuardHead, call: HookCall): ChangeEvidence {
  const { ref, oldValue, newValue, present } = change;
  if (ref === "HEAD") {
    const asks = head.kind === "detached" && /^[0-9a-f]+$/.test(newValue) && !isZero(newValue) && !isZero(oldValue);
    return asks ? { ...NO_EVIDENCE, known: isKnown(call, newValue) } : NO_EVIDENCE;
  }
  if (!ref.startsWith("refs/heads/") || present === null || present === newValue) return NO_EVIDENCE;
  if (isZero(newValue)) return { ...NO_EVIDENCE, pruning: isPruning(change, call) };
  // The branch becomes another name of one: whose commits it then has is not looked into.
  if (newValue.startsWith("ref:")) return NO_EVIDENCE;
  const fastForward = ask(call, ["merge-base", "--is-ancestor", present, newValue], [1]).exitCode === 0;
  const heldByRemote = fastForward && isHeldByRemote(change, call);
  return { ...NO_EVIDENCE, fastForward, heldByRemote };
}

/**
 * Whether this only drops a loose ref whose value is in packed-refs. git gives the old value then, and does not
 * hold `packed-refs.lock`, which it does when it really deletes a ref that is packed.
 */
function isPruning({ ref, oldValue, present }: RefChange, { place }: HookCall): boolean {
  if (isZero(oldValue) || oldValue !== present) return false;
  const packed = join(place.commonDir, "packed-refs");
  if (!existsSync(packed) || existsSync(`${packed}.lock`)) return false;
  return readFileSync(packed).includes(encodeText(`\n${oldValue} ${ref}\n`));
}

/** Whether the commit was reachable before, from a ref, a reflog or a worktree's HEAD. */
function isKnown(call: HookCall, sha: string): boolean {
  return ask(call, ["rev-list", "--max-count=1", sha, "--not", "--all", "--reflog"]).stdout === "";
}

/** A remote-tracking ref of that branch holds the value, now or by this transaction, or a fetch brings it. */
function isHeldByRemote({ ref, newValue }: RefChange, call: HookCall): boolean {
  const branch = ref.slice("refs/heads/".length);
  const remotes = decodeLines(ask(call, ["remote"]).bytes).filter(Boolean);
  const trackingRefs = new Set(remotes.map((remote) => `refs/remotes/${remote}/${branch}`));
  const tracking = (name: string) => trackingRefs.has(name);
  if (call.lines.some((line) => tracking(line.ref) && line.newValue === newValue)) return true;
  const containing = ask(call, ["for-each-ref", "--format=%(refname)", `--contains=${newValue}`, "refs/remotes/"]);
  return decodeLines(containing.bytes).some(tracking) || isFetch(branch, call, remotes);
}

/**
 * Whether the git that runs the hook fetches from a remote: in `git fetch origin main:main` the branch moves before
 * the remote-tracking ref does, so only the command tells. It has to name a remote (`git fetch . x:main` brings what was
 * made here), and the same branch on both sides.
 */
function isFetch(branch: string, call: HookCall, remotes: readonly string[]): boolean {
  const words = callingGit(call.env.BULKHEAD_GIT_PID);
  if (words === null || callingCommand(words) !== "fetch") return false;
  const fetched = readFetch(words.slice(words.indexOf("fetch") + 1));
  return (
    fetched.follows.includes(branch) && remotes.includes(fetched.remote) && !isThisRepository(fetched.remote, call)
  );
}

/** A remote can be set to lead back here. */
function isThisRepository(remote: string, call: HookCall): boolean {
  const url = ask(call, ["remote", "get-url", remote])
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

function isZero(value: string): boolean {
  return /^0+$/.test(value);
}

/** What a push would do to each remote ref. Unknown remote objects count as not contained. */
export function observePush(pushed: ReturnType<typeof parsePushedRefs>, call: HookCall): PushedRef[] {
  return pushed.map((ref) => ({ ...ref, fastForward: isFastForwardPush(ref, call) }));
}

function isFastForwardPush(ref: { localSha: string; remoteSha: string }, call: HookCall): boolean {
  if (isZero(ref.remoteSha)) return true;
  if (isZero(ref.localSha)) return false;
  // 128: the remote's commit is not here, so what is pushed cannot contain it.
  return ask(call, ["merge-base", "--is-ancestor", ref.remoteSha, ref.localSha], [1, 128]).exitCode === 0;
}
