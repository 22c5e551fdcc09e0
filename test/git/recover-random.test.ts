import { expect, test } from "vitest";
import { randomHistory } from "../support/random-history.ts";
import { scanJson } from "../support/recover.ts";

/** Others can be tried: `BULKHEAD_SEEDS=5,6,7 npx vitest run test/git/recover-random.test.ts`. */
const seeds = process.env.BULKHEAD_SEEDS?.split(",").map(Number) ?? [3, 109, 130];
const STEPS = 45;

test.each(seeds)("seed %i: what is lost is found, once, and nothing else is called lost", (seed) => {
  const history = randomHistory(seed, STEPS);
  const { dead, added, strangers } = history.truth();
  const { commits } = scanJson(history.clone, "--all");
  const open = commits.filter(({ verdict }) => ["lost", "at_risk", "stash"].includes(verdict));
  const told = (sha: string) => `${sha.slice(0, 7)} ${JSON.stringify(commits.find((c) => c.sha === sha) ?? null)}`;
  const said = new Map<string, string[]>();
  const wrong: string[] = [];
  for (const { sha, verdict } of open) {
    const stash = verdict === "stash" ? history.clone.git("rev-parse", `${sha}^@`).split("\n").slice(1) : [];
    const tokens = [sha, ...stash].flatMap((commit) => added.get(commit) ?? []);
    for (const token of new Set(tokens)) said.set(token, [...(said.get(token) ?? []), sha]);
    if (tokens.length > 0 && !tokens.some((token) => dead.has(token))) wrong.push(`not lost: ${told(sha)}`);
    if (tokens.some((token) => strangers.has(token))) wrong.push(`a stranger's: ${told(sha)}`);
  }
  for (const token of dead) {
    const by = said.get(token) ?? [];
    const holders = [...added].flatMap(([sha, tokens]) => (tokens.includes(token) ? [sha] : []));
    if (strangers.has(token) || by.length === 1) continue;
    wrong.push(`${token} is in ${by.length} lost commits; it was added by\n    ${holders.map(told).join("\n    ")}`);
  }
  expect(wrong.join("\n"), `seed ${seed}: ${history.log.join("; ")}`).toBe("");
});
