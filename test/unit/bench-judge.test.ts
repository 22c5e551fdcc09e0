import { expect, test } from "vitest";
import { type Comparison, judge, median } from "../../bench/harness/comparison.ts";

const comparison: Comparison = {
  title: "something",
  contenders: ["bare", "peer", "ours"].map((name) => ({ name, sample: () => 0 })),
  rounds: 3,
  baseline: () => "bare",
  bars: [{ of: "ours", than: "peer", most: 1.3 }],
};
const samples = (ours: number[], peer = [15, 25, 20]) =>
  new Map([
    ["bare", [10, 20, 15]],
    ["peer", peer],
    ["ours", ours],
  ]);

test("an overhead is what a round cost above the baseline's same round", () => {
  const { rows } = judge(comparison, samples([16, 26, 21]));
  expect(rows).toEqual([
    { name: "bare", median: 15 },
    { name: "peer", median: 20, overhead: 5 },
    { name: "ours", median: 21, overhead: 6 },
  ]);
});

test("a bar is met up to its ratio and missed above it", () => {
  expect(judge(comparison, samples([16, 26, 21])).bars).toMatchObject([{ ratio: 1.2, passed: true }]);
  expect(judge(comparison, samples([17, 27, 22])).bars).toMatchObject([{ ratio: 1.4, passed: false }]);
});

test("a peer without a cost of its own proves nothing", () => {
  expect(judge(comparison, samples([10, 20, 15], [10, 20, 15])).bars[0]?.passed).toBe(false);
  expect(judge(comparison, samples([9, 19, 14], [9, 19, 14])).bars[0]?.passed).toBe(false);
});

test("without a baseline whole medians are compared", () => {
  const { baseline: _, ...whole } = comparison;
  expect(judge(whole, samples([26, 26, 26])).bars).toMatchObject([{ ratio: 1.3, passed: true }]);
});

test("a bar that names something unmeasured is an error, never a pass", () => {
  const bars = [{ of: "ours", than: "nobody", most: 1.3 }];
  expect(() => judge({ ...comparison, bars }, samples([16, 26, 21]))).toThrow("'nobody' was not measured");
});

test("the median of an even number of values lies between the middle two", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow();
});
