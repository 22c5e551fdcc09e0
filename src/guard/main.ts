/**
 * The full guard: what the sh guard calls when it is not sure. Built into one file without any package and copied
 * to the clone's git directory, so that it works whatever happens to node_modules.
 *
 * Called as `node guard.mjs <hook> <hook's arguments>`, with the hook's standard input and environment.
 * Exit code 0 lets git go on, 1 refuses. `node guard.mjs refresh` puts our hooks in order where something has changed.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { BulkheadError } from "../domain/error.ts";
import { GIT_ALIAS, setInvocation } from "../domain/invocation.ts";
import { HEADS } from "../domain/ref-names.ts";
import { readGuardConf } from "../layout/guard-conf.ts";
import { commonLayout, worktreeLayout } from "../layout/paths.ts";
import { recordSeen } from "../layout/seen-log.ts";
import { findActor } from "./actor.ts";
import { bypass } from "./bypass.ts";
import { callingCommand, callingGit } from "./calling-git.ts";
import { handleCheckout } from "./checkout.ts";
import { expectedOf, type GuardVerdict } from "./decide.ts";
import { GUARD_HOOKS, type GuardFacts, type GuardHook } from "./facts.ts";
import { describeHeadMovement, findHeadMovement } from "./head-movement.ts";
import { createHookCall } from "./hook-call.ts";
import { callsLfs, keepsLfsFiles, LFS_CURE } from "./hooks/lfs-hook.ts";
import { noteFetch } from "./hooks/note-fetch.ts";
import { refreshHooks } from "./hooks/refresh.ts";
import { judgeHook, judgePush } from "./judge.ts";
import { type HookCall, isSet } from "./observe.ts";
import { observeResidue } from "./observe-residue.ts";
import { describeResidue, putBackCommand } from "./put-back.ts";
import { settleExpectation } from "./settle.ts";
import { tell, tellRefusal } from "./tell.ts";
import { traceRefusal } from "./trace.ts";
import { concernsGuard, parsePushedRefs } from "./transaction.ts";
import { describeUnseen, findUnseen } from "./unseen.ts";

const HOOKS_WITH_INPUT = new Set<GuardHook>(["reference-transaction", "pre-push"]);

function main(): number {
  const [name = "", ...hookArguments] = process.argv.slice(2);
  const commonDir = dirname(dirname(fileURLToPath(import.meta.url)));
  const hook = GUARD_HOOKS.find((known) => known === name);
  if (hook === undefined) {
    if (name === "refresh") refresh(commonDir);
    return 0;
  }
  try {
    const input = HOOKS_WITH_INPUT.has(hook) ? readFileSync(0) : Buffer.alloc(0);
    const call = createHookCall({ hook, hookArguments, input, commonDir, env: process.env, cwd: process.cwd() });
    return runHook(call, input);
  } catch (cause) {
    // Not knowing is not a reason to let it pass.
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new BulkheadError("GUARD_UNSURE", { reason });
    if (hook !== "post-checkout" && isSet(process.env, "SKIP_BRANCH_GUARD")) {
      bypass(error, { hook, commonDir, topLevel: process.cwd(), env: process.env, actor: null });
      return 0;
    }
    tellRefusal(error);
    return hook === "post-checkout" ? 0 : 1;
  }
}

/**
 * Puts our hooks in order. After a push, when git moves what it knows of the remote, it may turn out that a tool had written
 * over the hook that should have judged it.
 */
function refresh(commonDir: string): void {
  const { env } = process;
  const taken = refreshHooks({ commonDir, cwd: process.cwd(), env });
  if (!taken.includes("pre-push") || env.BULKHEAD_HOOK_FILE !== "reference-transaction") return;
  if (callingCommand(callingGit(env.BULKHEAD_GIT_PID)) !== "push") return;
  // The hook drops what goes to stderr here; git shows people both.
  process.stdout.write(
    "bulkhead: another program had written over the pre-push hook, so this push was not judged. Both run from now on.\n",
  );
}

/**
 * Looks after our hooks where we are running anyway: before a push (a company's settings may name other hooks by now), and
 * where the recorded node is gone. Not while a tool that took our hook's name runs us under another one.
 */
function tendHooks({ hook, conf, place, cwd, env }: HookCall): void {
  if (hook !== "pre-push" && existsSync(conf.node)) return;
  if ((env.BULKHEAD_HOOK_FILE ?? hook) !== hook) return;
  try {
    refreshHooks({ commonDir: place.commonDir, cwd, env });
  } catch {
    // The verdict is what counts; the next hook tries again, and `doctor` tells what is wrong.
  }
}

function runHook(call: HookCall, input: Uint8Array): number {
  tendHooks(call);
  if (call.hook === "post-checkout") return handleCheckout(call);
  if (call.hook === "reference-transaction" && !concernsGuard(call.lines, call.env.GIT_REFLOG_ACTION ?? "")) return 0;
  const pushed = call.hook === "pre-push" ? parsePushedRefs(input) : null;
  const { facts, verdict } = pushed === null ? judgeHook(call) : judgePush(pushed, call);
  if (verdict.kind === "refuse" && !facts.skip) return refuse(verdict, facts, call);
  if (verdict.kind === "refuse") {
    bypass(new BulkheadError(verdict.code, verdict.data), { ...call, ...call.place, actor: findActor(call) });
  } else if (pushed === null) settleExpectation(facts, call);
  noteFetch(call, facts);
  if (pushed !== null) {
    warnOfUnseen(call, pushed);
    warnOfLfs(call);
  }
  recordSeen(
    call.place.commonDir,
    facts.changes.filter(({ ref, newValue }) => ref.startsWith(HEADS) && !/^0+$/.test(newValue)),
  );
  return 0;
}

function refuse(verdict: Extract<GuardVerdict, { kind: "refuse" }>, facts: GuardFacts, call: HookCall): number {
  const error = new BulkheadError(verdict.code, verdict.data);
  const residue = observeResidue(facts, call);
  const movement =
    verdict.code === "BRANCH_MISMATCH" || verdict.code === "DETACHED_HEAD"
      ? findHeadMovement(call.place.gitDir, expectedOf(facts) ?? "")
      : null;
  const history = movement === null ? [] : [describeHeadMovement(movement, Date.now() / 1000)];
  tellRefusal(error, [...history, call.hook === "pre-push" ? "" : describeResidue(residue)]);
  traceRefusal(call, verdict.code, putBackCommand(residue));
  return 1;
}

function warnOfUnseen(call: HookCall, pushed: readonly { localRef: string }[]): void {
  const refs = pushed.map(({ localRef }) => localRef).filter((ref) => ref.startsWith(HEADS));
  tell(...describeUnseen(findUnseen(refs, call)));
}

/** A push of files that git-lfs keeps, with no hook that uploads their content, loses it for everybody else without a word. */
function warnOfLfs({ place }: HookCall): void {
  const { commonDir, topLevel, gitDir } = place;
  if (!keepsLfsFiles(commonDir) || existsSync(worktreeLayout(gitDir).chainConf)) return;
  const chain = readGuardConf(commonLayout(commonDir).guardConf)?.chain ?? "";
  if (callsLfs(chain, topLevel, commonDir)) return;
  tell(
    "bulkhead: git-lfs keeps files here, and no hook uploads their content: this push leaves it behind.",
    `Set its hooks up beside the guard: ${LFS_CURE}`,
  );
}

setInvocation(GIT_ALIAS);
process.exitCode = main();
