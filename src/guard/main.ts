/**
 * The full guard: what the sh guard calls when it is not sure. Built into one file without any package and copied
 * to the clone's git directory, so that it works whatever happens to node_modules.
 *
 * Called as `node guard.mjs <hook> <hook's arguments>`, with the hook's standard input and environment.
 * Exit code 0 lets git go on, 1 refuses. `node guard.mjs reclaim` takes our hooks directory back from other tools.
 */
import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BulkheadError } from "../domain/error.ts";
import { shellWord } from "../domain/shell-word.ts";
import { appendBypass, type Bypass, readBypasses } from "../layout/bypass-log.ts";
import { appendEvent } from "../layout/event-spool.ts";
import { recordSeen } from "../layout/seen-log.ts";
import { callingGit } from "./calling-git.ts";
import { handleCheckout } from "./checkout.ts";
import type { GuardVerdict } from "./decide.ts";
import { GUARD_HOOKS, type GuardFacts, type GuardHook } from "./facts.ts";
import { describeHeadMovement, findHeadMovement } from "./head-movement.ts";
import { createHookCall } from "./hook-call.ts";
import { reclaimHooks } from "./install/reclaim-hooks.ts";
import { judgeHook, judgePush } from "./judge.ts";
import type { HookCall } from "./observe.ts";
import { observeResidue } from "./observe-residue.ts";
import { describeResidue, putBackCommand } from "./put-back.ts";
import { traceRefusal } from "./trace.ts";
import { concernsGuard, parsePushedRefs } from "./transaction.ts";
import { describeUnseen, findUnseen } from "./unseen.ts";

const HOOKS_WITH_INPUT = new Set<GuardHook>(["reference-transaction", "pre-push"]);

function main(): number {
  const [name = "", ...hookArguments] = process.argv.slice(2);
  const commonDir = dirname(dirname(fileURLToPath(import.meta.url)));
  const hook = GUARD_HOOKS.find((known) => known === name);
  if (hook === undefined) {
    if (name === "reclaim") reclaimHooks(commonDir);
    return 0;
  }
  try {
    const input = HOOKS_WITH_INPUT.has(hook) ? readFileSync(0) : Buffer.alloc(0);
    const call = createHookCall({ hook, hookArguments, input, commonDir, env: process.env, cwd: process.cwd() });
    return runHook(call, input);
  } catch (cause) {
    // Not knowing is not a reason to let it pass.
    const reason = cause instanceof Error ? cause.message : String(cause);
    say(new BulkheadError("GUARD_UNSURE", { reason }), null, []);
    return hook === "post-checkout" ? 0 : 1;
  }
}

function runHook(call: HookCall, input: Uint8Array): number {
  if (call.hook === "post-checkout") return handleCheckout(call);
  if (call.hook === "reference-transaction" && !concernsGuard(call.lines, call.env.GIT_REFLOG_ACTION ?? "")) return 0;
  const pushed = call.hook === "pre-push" ? parsePushedRefs(input) : null;
  const { facts, verdict } = pushed === null ? judgeHook(call) : judgePush(pushed, call);
  if (verdict.kind === "refuse" && !facts.skip) return refuse(verdict, facts, call);
  if (verdict.kind === "refuse") bypass(new BulkheadError(verdict.code, verdict.data), call);
  if (pushed !== null) warnOfUnseen(call, pushed);
  recordSeen(
    call.place.commonDir,
    facts.changes.filter(({ ref, newValue }) => ref.startsWith("refs/heads/") && !/^0+$/.test(newValue)),
  );
  return 0;
}

function refuse(verdict: Extract<GuardVerdict, { kind: "refuse" }>, facts: GuardFacts, call: HookCall): number {
  const error = new BulkheadError(verdict.code, verdict.data);
  const residue = observeResidue(facts, call);
  const movement =
    verdict.code === "BRANCH_MISMATCH" || verdict.code === "DETACHED_HEAD"
      ? findHeadMovement(call.place.gitDir, String(verdict.data.expected))
      : null;
  const history = movement === null ? [] : [describeHeadMovement(movement, Date.now() / 1000)];
  say(error, call, [...history, call.hook === "pre-push" ? "" : describeResidue(residue)]);
  traceRefusal(call, verdict.code, putBackCommand(residue));
  return 1;
}

/** Process numbers come round again: an hour later it is another command. */
const SAME_COMMAND_MS = 3_600_000;

/** Whether an earlier hook of the same git command has put it on record. */
function isOnRecord(
  bypasses: readonly Bypass[],
  { pid, command, at }: Pick<Bypass, "pid" | "command" | "at">,
): boolean {
  const earliest = Date.parse(at) - SAME_COMMAND_MS;
  return bypasses.some((one) => one.pid === pid && one.command === command && Date.parse(one.at) > earliest);
}

/** `SKIP_BRANCH_GUARD`: let it pass, say so and put it on record, once for each git command. */
function bypass(error: BulkheadError, call: HookCall): void {
  const { commonDir, topLevel } = call.place;
  const pid = call.env.BULKHEAD_GIT_PID ?? "";
  const at = new Date().toISOString();
  const command = (callingGit(pid) ?? ["git"]).join(" ").slice(0, 500);
  if (isOnRecord(readBypasses(commonDir), { pid, command, at })) return;
  const user = userInfo().username;
  say(null, null, [
    `bulkhead: SKIP_BRANCH_GUARD is set: let pass and recorded. It would have been refused: ${error.message}`,
  ]);
  try {
    appendBypass(commonDir, {
      at,
      user,
      hook: call.hook,
      command,
      worktree: topLevel,
      code: error.code,
      message: error.message,
      pid,
    });
    appendEvent(commonDir, {
      type: "guard_bypassed",
      at,
      worktree: topLevel,
      data: { hook: call.hook, code: error.code },
    });
  } catch (cause) {
    say(null, null, [`bulkhead: the bypass could not be recorded: ${cause instanceof Error ? cause.message : cause}`]);
  }
}

function warnOfUnseen(call: HookCall, pushed: readonly { localRef: string }[]): void {
  const refs = pushed.map(({ localRef }) => localRef).filter((ref) => ref.startsWith("refs/heads/"));
  say(null, null, describeUnseen(findUnseen(refs, call)));
}

/** `npx` finds Bulkhead only where it is installed; elsewhere the advice names the program itself. */
function withWorkingCommand(hint: string, call: HookCall | null): string {
  if (call === null || existsSync(join(call.place.topLevel, "node_modules", ".bin", "bulkhead"))) return hint;
  return existsSync(call.conf.cli) ? hint.replaceAll("npx bulkhead", `node ${shellWord(call.conf.cli)}`) : hint;
}

/** Prints to stderr, which git shows to the person. */
function say(error: BulkheadError | null, call: HookCall | null, more: readonly string[]): void {
  const lines = error === null ? more : [`bulkhead: ${error.message}`, ...more, withWorkingCommand(error.hint, call)];
  const text = lines.filter((line) => line !== "").join("\n");
  if (text !== "") process.stderr.write(`${text}\n`);
}

process.exitCode = main();
