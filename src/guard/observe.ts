import type { Expectation } from "../domain/expectation.ts";
import { isBranchName, isZeroSha } from "../domain/names.ts";
import { HEADS } from "../domain/ref-names.ts";
import { decodeLines } from "../files/text-encoding.ts";
import { followRenames, isUnmoved, readHeadLog } from "../git/head-log.ts";
import { isApplyRebasing, readAbortTargets, readGitFile } from "../git/operation.ts";
import type { GuardConf } from "../layout/guard-conf.ts";
import { readExpectation, readSessionCopy } from "../layout/session-file.ts";
import { findAncestors } from "./ancestry.ts";
import { askGit } from "./ask-git.ts";
import { decidePush, needsEvidence } from "./decide.ts";
import { type GuardFacts, type GuardHead, type GuardHook, type PushedRef, UNREAD } from "./facts.ts";
import { observeEvidence, readRefs } from "./observe-evidence.ts";
import type { PushLine, TransactionLine } from "./transaction.ts";
import { detachedHead, type HookPlace, readGuardHead, readOtherSessions } from "./worktree-files.ts";

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

/** Whether a variable of the environment says yes. */
export function isSet(env: NodeJS.ProcessEnv, name: string): boolean {
  return !/^(|0|false|no|off)$/i.test(env[name] ?? "");
}

/**
 * Gathers what files tell, without starting git, and presumes the worst of the rest: what it does not know could only
 * excuse something. So when these facts allow, all facts would.
 */
export function observeFiles(call: HookCall): GuardFacts {
  const { hook, hookArguments, place, conf, env } = call;
  const expectation: Expectation =
    place.topLevel === "" ? { kind: "missing" } : readExpectation(place.topLevel, place.gitDir);
  return {
    hook,
    hookArguments,
    linked: place.linked,
    topLevel: place.topLevel,
    expectation,
    expectedExists: true,
    unused: false,
    head: readGuardHead(place.gitDir) ?? askHead(call),
    unborn: false,
    protect: conf.protect,
    requireSession: conf.requireSession,
    skip: isSet(env, "SKIP_BRANCH_GUARD"),
    allowUnknown: isSet(env, "BRANCH_GUARD_ALLOW_UNKNOWN"),
    reflogAction: env.GIT_REFLOG_ACTION ?? "",
    changes: call.lines.map((line) => ({ ...line, present: UNREAD })),
    evidence: {},
    others: readOtherSessions(place, conf.main),
    abortTargets: readAbortTargets(place.gitDir),
  };
}

/**
 * Gathers everything that the verdict needs. Reads only.
 * @param files what `observeFiles` told
 * @throws ObservationError when git cannot answer
 */
export function observeGuard(call: HookCall, files: GuardFacts = observeFiles(call)): GuardFacts {
  const expected = files.expectation.kind === "present" ? `${HEADS}${files.expectation.content.expectedBranch}` : null;
  const own = files.head.kind === "branch" ? `${HEADS}${files.head.branch}` : null;
  const branches = files.changes.map(({ ref }) => ref).filter((ref) => ref.startsWith(HEADS));
  const wanted = [expected, own, ...branches].filter((ref) => ref !== null);
  const present = readRefs(call, [...new Set(wanted)], HEADS);
  const facts: GuardFacts = {
    ...files,
    expectation: followRename(files, expected !== null && !present.has(expected), call.place.gitDir),
    expectedExists: expected !== null && present.has(expected),
    unused: isUnused(files.expectation, call.place),
    unborn: own !== null && !present.has(own),
    head: completeHead(files.head, expected, present, call.place.gitDir),
    changes: files.changes.map((change) => ({ ...change, present: present.get(change.ref) ?? null })),
  };
  return {
    ...facts,
    evidence: observeEvidence(
      facts.changes.filter((one) => needsEvidence(one, facts)),
      facts.head,
      call,
    ),
  };
}

/** The branch that the session is on was renamed, as HEAD's log says: then it is still the session's. */
function followRename({ expectation, head }: GuardFacts, isGone: boolean, gitDir: string): Expectation {
  if (expectation.kind !== "present" || head.kind !== "branch" || !isGone) return expectation;
  const { content } = expectation;
  const branch = followRenames(readHeadLog(gitDir), content.expectedBranch);
  if (branch !== head.branch || branch === content.expectedBranch || !isBranchName(branch)) return expectation;
  return { ...expectation, content: { ...content, expectedBranch: branch } };
}

function isUnused(expectation: Expectation, { linked, gitDir }: HookPlace): boolean {
  if (expectation.kind !== "missing" || !linked || readSessionCopy(gitDir).kind !== "missing") return false;
  return isUnmoved(readHeadLog(gitDir));
}

/**
 * While the apply backend of a rebase is at work, git has not yet written down which branch it will put back. It is
 * the expected one when that still stands where the rebase began (`ORIG_HEAD`).
 */
function completeHead(
  head: GuardHead,
  expected: string | null,
  present: ReadonlyMap<string, string>,
  gitDir: string,
): GuardHead {
  if (head.kind !== "detached" || head.rebasing !== null || expected === null) return head;
  if (!isApplyRebasing(gitDir)) return head;
  const began = readGitFile(gitDir, "ORIG_HEAD");
  return present.get(expected) === began ? { ...head, rebasing: expected.slice(HEADS.length) } : head;
}

/** Asks git for `HEAD`, where its file does not tell (reftable). */
function askHead(call: HookCall): GuardHead {
  const ref = askGit(call, ["symbolic-ref", "-q", "HEAD"], { allow: [1] });
  const [name = ""] = decodeLines(ref.bytes);
  if (ref.exitCode === 0 && name.startsWith(HEADS)) return { kind: "branch", branch: name.slice(HEADS.length) };
  return detachedHead(call.place.gitDir, askGit(call, ["rev-parse", "--verify", "HEAD"]).stdout.trim());
}

/**
 * What a push would do to each remote ref; asked at once for those whose verdict depends on it. A remote commit that is
 * not here cannot be contained in what is pushed.
 */
export function observePush(pushed: readonly PushLine[], facts: GuardFacts, call: HookCall): PushedRef[] {
  const asked = new Map(
    pushed
      .map((line) => ({ ...line, fastForward: false }))
      .filter(
        (line) =>
          !isZeroSha(line.localSha) && !isZeroSha(line.remoteSha) && decidePush([line], facts).kind === "refuse",
      )
      .map((line) => [line.remoteRef, { older: line.remoteSha, newer: line.localSha }]),
  );
  const found = findAncestors([...asked.values()], call);
  return pushed.map((line) => {
    const pair = asked.get(line.remoteRef);
    return { ...line, fastForward: isZeroSha(line.remoteSha) || (pair !== undefined && found.has(pair)) };
  });
}
