import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideGuard } from "../../src/guard/decide.ts";
import { createHookCall } from "../../src/guard/hook-call.ts";
import { observeGuard } from "../../src/guard/observe.ts";
import { concernsGuard } from "../../src/guard/transaction.ts";
import { toBinary, validName } from "../support/branch-names.ts";
import { availableShells, GuardCaseGround, type LaidOutCase } from "../support/guard-case-ground.ts";
import { type GuardCase, guardCase, plainCase, type Values } from "../support/guard-cases.ts";
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

/** Cases close to the plain one that a shell's guard let pass at some time, or would without one of its lines. */
function foundBefore(values: Values): [name: string, one: GuardCase][] {
  const { first, second } = values;
  const plain = plainCase("feat/x", "linked", values);
  const nobody = { ...plainCase("feat/x", "main", values), session: null };
  const rebase = { ...plain, head: `${first}\n`, rebaseMerge: "refs/heads/other\n" };
  const transaction = (branch: string) => ({
    hook: "reference-transaction" as const,
    input: `${first} ${second} HEAD\n${first} ${second} refs/heads/${branch}\n`,
  });
  const expectedThere = (trace: "same" | "none" | "stale") => [{ branch: "feat/x", trace }];
  const broken = { head: "ref: refs/heads/astray\xfc\n", branches: ["astray\xfc"], env: { LC_ALL: "C.UTF-8" } };
  return [
    ["a branch that ends in half a character", { ...plain, ...broken, ...transaction("astray\xfc") }],
    [
      "a blank after HEAD's branch, expected elsewhere",
      { ...nobody, others: expectedThere("same"), head: "ref: refs/heads/feat/x\r\n" },
    ],
    ["a link elsewhere", { ...nobody, others: [{ branch: "feat/x", trace: "none" as const, file: "link" as const }] }],
    [
      "a .worktree.json elsewhere",
      { ...nobody, others: [{ branch: "feat/x", trace: "none" as const, file: "worktree.json" as const }] },
    ],
    [
      "a link to a .worktree.json elsewhere",
      { ...nobody, others: [{ branch: "feat/x", trace: "none" as const, file: "linked worktree.json" as const }] },
    ],
    [
      "the main checkout's branch",
      {
        ...plain,
        mainSession: { branch: "other", trace: "same" as const },
        branches: ["feat/x", "other"],
        ...transaction("other"),
      },
    ],
    [
      "another session's branch beside its own",
      {
        ...plain,
        others: expectedThere("same").map((one) => ({ ...one, branch: "other" })),
        branches: ["feat/x", "other"],
        ...transaction("feat/x"),
        input: `${first} ${second} refs/heads/feat/x\n${first} ${second} refs/heads/other\n`,
      },
    ],
    ["a file by hand elsewhere", { ...nobody, others: expectedThere("none") }],
    ["a file changed by hand elsewhere", { ...nobody, others: expectedThere("stale") }],
    ["two rebases at once", { ...rebase, rebaseApply: "refs/heads/feat/x\n" }],
    [
      "HEAD as a link",
      { ...rebase, rebaseMerge: "refs/heads/feat/x\n", head: { link: "refs/heads/loose" }, kind: "main" },
    ],
    ["a file of 70 KB", { ...plain, session: exactSessionText("feat/x", { hostname: "h".repeat(70_000) }) }],
    ["a control character in a text", { ...plain, session: exactSessionText("feat/x").replace('host"', 'ho\tst"') }],
    ["misplaced quotes", { ...plain, session: exactSessionText("feat/x").replace('session": "', 'session: ""') }],
    [
      "misplaced quotes later",
      { ...plain, session: exactSessionText("feat/x", { sdKey: "a" }).replace('sdKey": "', 'sdKey: ""') },
    ],
    ["a lost note of the place", { ...plain, session: null, kind: "linked without gitdir" }],
    ["a name that git refuses", { ...plain, ...plainCase("feat/x.lock", "linked", values) }],
    [
      "another session's branch",
      { ...plain, others: [{ branch: "other", trace: "same" }], branches: ["other"], ...transaction("other") },
    ],
    ["no file in a linked worktree", { ...plain, session: null }],
    ["no file where sessions are required", { ...nobody, requireSession: true }],
    ["a protected branch", { ...plain, protect: ["rel/*", "feat/*"] }],
    ["a claim that is lost", { ...plain, session: exactSessionText("feat/x", { claimLost: { by: "a", at: "b" } }) }],
  ];
}

describe("the sh guard", () => {
  test("lets pass by itself only what the full guard lets pass, in every shell", { timeout: 300_000 }, async () => {
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

  test("asks where it was once found to let pass what the full guard refuses", async () => {
    const ground = new GuardCaseGround();
    const found = foundBefore(ground.values);
    const cases = found.map(([, one]) => ground.layOut(one));
    expect(found.map(([name], index) => [name, nodeVerdict(cases[index] as LaidOutCase)])).toEqual(
      found.map(([name]) => [name, expect.not.stringMatching(/^allow/)]),
    );
    for (const shell of availableShells(ground.directory)) {
      const outcomes = await ground.runAll(cases, shell);
      const passed = found.filter((_, index) => outcomes[index] === "allowed").map(([name]) => name);
      expect([shell.name, passed]).toEqual([shell.name, []]);
    }
  });

  test("runs the user's hook behind it once, with all that git said, whatever was decided", async () => {
    const ground = new GuardCaseGround();
    const cases = fc.sample(guardCase(ground.values), { numRuns: CASES / 5, seed: SEED + 1 });
    const [without, withHook] = [false, true].map((chained) => cases.map((one) => ground.layOut(one, chained)));
    if (without === undefined || withHook === undefined) throw new Error("two ways to lay out");
    const given = cases.map(({ hook, hookArguments, input }, index) => {
      const transaction = hook === "reference-transaction";
      const lines = transaction ? input.split("\n").length - 1 : 0;
      return `${index} chained ${transaction ? 1 : hookArguments.length} ${lines}`;
    });
    for (const shell of availableShells(ground.directory)) {
      const chained: string[] = [];
      const outcomes = await ground.runAll(withHook, shell, chained);
      expect([shell.name, chained]).toEqual([shell.name, given]);
      const alone = await ground.runAll(without, shell);
      const other = cases.filter((_, index) => outcomes[index] !== alone[index]);
      expect([shell.name, other.slice(0, 3)]).toEqual([shell.name, []]);
    }
  });

  test("lets the usual case pass without asking, whatever the branch is called (but for a quote, which JSON escapes)", async () => {
    const ground = new GuardCaseGround();
    const names = [...ADVERSARIAL_BRANCHES.map(toBinary), ...fc.sample(validName, { numRuns: 100, seed: SEED })].filter(
      (name) => !/\xc2[\x80-\x9f]|"/.test(name),
    );
    const cases = names.flatMap((name, index) => {
      const kind = index % 2 === 0 ? "main" : "linked";
      const plain = plainCase(name, kind, ground.values);
      return [plain, { ...plain, hook: "reference-transaction" as const }];
    });
    const laidOut = cases.map((one) => ground.layOut(one));
    for (const shell of availableShells(ground.directory)) {
      const outcomes = await ground.runAll(laidOut, shell);
      const asking = cases.filter((_, index) => outcomes[index] !== "allowed");
      expect([shell.name, asking.map(({ head, hook }) => `${hook} ${head}`)]).toEqual([shell.name, []]);
    }
  });
});
