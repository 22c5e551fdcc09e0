import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideGuard } from "../../src/guard/decide.ts";
import { createHookCall } from "../../src/guard/hook-call.ts";
import { observeGuard } from "../../src/guard/observe.ts";
import { concernsGuard } from "../../src/guard/transaction.ts";
import { availableShells, GuardCaseGround, type LaidOutCase } from "../support/guard-case-ground.ts";
import { type GuardCase, guardCase, toBinary, validName } from "../support/guard-cases.ts";
import { ADVERSARIAL_BRANCHES } from "../support/repository.ts";
import { exactSessionText } from "../support/session-texts.ts";

/** Cases for each shell. Others than the usual ones are tried with BULKHEAD_TEST_SEED and BULKHEAD_TEST_CASES. */
const CASES = Number(process.env.BULKHEAD_TEST_CASES ?? 2000);
const SEED = Number(process.env.BULKHEAD_TEST_SEED ?? 20_260_301);

/** The full guard's word, from its own functions over the same files. */
function nodeVerdict({ guardCase, commonDir, topLevel, input, env }: LaidOutCase): string {
  const { hook } = guardCase;
  const hookArguments = hook === "reference-transaction" ? ["prepared"] : guardCase.hookArguments;
  try {
    const call = createHookCall({ hook, hookArguments, input, commonDir, env, cwd: topLevel });
    if (hook === "reference-transaction" && !concernsGuard(call.lines, env.GIT_REFLOG_ACTION ?? "")) return "allow";
    const verdict = decideGuard(observeGuard(call));
    return verdict.kind === "allow" ? "allow" : verdict.code;
  } catch (cause) {
    return isRepository(topLevel, env) ? `unsure: ${cause}` : "allow: git itself finds no repository, and runs no hook";
  }
}

function isRepository(cwd: string, env: NodeJS.ProcessEnv): boolean {
  return spawnSync("git", ["rev-parse", "--git-dir"], { cwd, env }).status === 0;
}

/** The case in which nothing is odd: the file as Bulkhead writes it, and HEAD on that branch. */
function plainCase(
  branch: string,
  kind: "main" | "linked",
  hook: GuardCase["hook"],
  ground: GuardCaseGround,
): GuardCase {
  const { first, second } = ground.values;
  return {
    kind,
    session: exactSessionText(branch, { sdKey: "SD-1", sessionId: "abc", claimEpoch: 7 }),
    sessionIs: "file",
    worktreeJson: null,
    head: `ref: refs/heads/${branch}\n`,
    rebaseMerge: null,
    rebaseApply: null,
    bisectStart: null,
    branches: [branch],
    others: [{ branch: "elsewhere", trace: "same" }],
    protect: ["protected/*"],
    requireSession: false,
    hook,
    hookArguments: ["main"],
    input: `${first} ${second} HEAD\n${first} ${second} refs/heads/${branch}\n`,
    env: {},
  };
}

describe("the sh guard", () => {
  test("lets pass by itself only what the full guard lets pass, in every shell", async () => {
    const ground = new GuardCaseGround();
    const shells = availableShells(ground.directory);
    expect(shells).not.toEqual([]);
    const cases = fc.sample(guardCase(ground.values), { numRuns: CASES, seed: SEED }).map((one) => ground.layOut(one));

    const outcomes = await Promise.all(shells.map((shell) => ground.runAll(cases, shell)));

    const wrong = cases.flatMap((laidOut, index) => {
      const allowing = shells.filter((_, which) => outcomes[which]?.[index] === "allowed").map(({ name }) => name);
      const verdict = allowing.length === 0 ? "allow" : nodeVerdict(laidOut);
      return verdict.startsWith("allow") ? [] : [{ allowing, verdict, ...laidOut.guardCase }];
    });
    expect(wrong.slice(0, 5), `${wrong.length} of ${CASES} cases of the seed ${SEED}`).toEqual([]);
    for (const [which, shell] of shells.entries()) {
      const allowed = outcomes[which]?.filter((outcome) => outcome === "allowed").length ?? 0;
      const asked = outcomes[which]?.filter((outcome) => outcome === "asked").length ?? 0;
      // Had the generator drifted to one side, the test would say nothing.
      expect([shell.name, allowed > CASES / 8, asked > CASES / 8]).toEqual([shell.name, true, true]);
    }
  });

  test("lets the usual case pass without asking, whatever the branch is called (but for a quote, which JSON escapes)", async () => {
    const ground = new GuardCaseGround();
    const names = [...ADVERSARIAL_BRANCHES.map(toBinary), ...fc.sample(validName, { numRuns: 100, seed: SEED })].filter(
      (name) => !/\xc2[\x80-\x9f]|"/.test(name),
    );
    const cases = names.flatMap((name, index) => {
      const kind = index % 2 === 0 ? "main" : "linked";
      return [plainCase(name, kind, "pre-commit", ground), plainCase(name, kind, "reference-transaction", ground)];
    });
    const laidOut = cases.map((one) => ground.layOut(one));
    for (const shell of availableShells(ground.directory)) {
      const outcomes = await ground.runAll(laidOut, shell);
      const asking = cases.filter((_, index) => outcomes[index] !== "allowed");
      expect([shell.name, asking.map(({ head, hook }) => `${hook} ${head}`)]).toEqual([shell.name, []]);
    }
  });
});
