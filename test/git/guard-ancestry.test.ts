import { expect, test } from "vitest";
import { findAncestors } from "../../src/guard/ancestry.ts";
import { createGround } from "../support/repository.ts";

/** A repeatable source of numbers below a limit. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % limit;
  };
}

test.each([1, 2, 3])("all pairs of a random history are answered as merge-base answers them (%s)", (seed) => {
  const { clone } = createGround();
  const next = numbers(seed);
  const tree = clone.git("rev-parse", "HEAD^{tree}");
  const commits = [clone.head()];
  for (let i = 0; i < 40; i++) {
    // Several roots, merges, and clocks that run backwards.
    const parents =
      i % 17 === 5 ? [] : [...new Set([next(commits.length), next(commits.length)])].slice(0, 1 + next(2));
    const args = parents.flatMap((parent) => ["-p", commits[parent] ?? ""]);
    const date = { GIT_COMMITTER_DATE: `@${1_700_000_000 + next(1000) * 86_400} +0000` };
    commits.push(clone.run("git", ["commit-tree", tree, ...args, "-m", `${i}`], { env: date }).stdout.trim());
  }
  const pick = () => commits[next(commits.length)] ?? "";
  const pairs = Array.from({ length: 60 }, () => ({ older: pick(), newer: pick() }));
  const gone = { older: "1".repeat(40), newer: commits[0] ?? "" };
  const noCommit = { older: tree, newer: commits[0] ?? "" };
  const found = findAncestors([...pairs, gone, noCommit], { cwd: clone.path, env: clone.env });
  const expected = pairs.filter(
    ({ older, newer }) => clone.tryGit(["merge-base", "--is-ancestor", older, newer]).exitCode === 0,
  );
  expect([...found]).toEqual(expect.arrayContaining(expected));
  expect(found.size).toBe(expected.length);
});
