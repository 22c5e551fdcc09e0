import { spawnSync } from "node:child_process";
import { cpus, platform } from "node:os";
import type { Outcome } from "./comparison.ts";

/** What a reader needs to know of the machine that figures come from. */
export function machine(): string {
  const git = spawnSync("git", ["--version"], { encoding: "utf8" }).stdout.trim();
  return `${platform()}, ${cpus().length} cores, ${git}, Node ${process.versions.node}`;
}

/** One outcome as a text for people. */
export function format(outcome: Outcome): string {
  const { unit } = outcome;
  const figures = outcome.rows.map(({ name, median, overhead }) => [
    name,
    `${median.toFixed(2)} ${unit}`,
    overhead === undefined ? "" : `${overhead >= 0 ? "+" : ""}${overhead.toFixed(2)} ${unit}`,
  ]);
  const bars = outcome.bars.map(({ of, than, ratio, most, passed }) => [
    `${of} / ${than}`,
    `${ratio.toFixed(2)}x`,
    `at most ${most}x`,
    passed ? "pass" : "FAIL",
  ]);
  return [
    `${outcome.title} (medians of ${outcome.rounds} rounds)`,
    ...table([["", "median", outcome.rows.some((row) => row.overhead !== undefined) ? "overhead" : ""], ...figures]),
    "",
    ...table(bars),
    "",
  ].join("\n");
}

function table(rows: string[][]): string[] {
  const widths = rows.reduce<number[]>((found, row) => row.map((cell, i) => Math.max(cell.length, found[i] ?? 0)), []);
  const pad = (cell: string, i: number) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0));
  return rows.map((row) => `  ${row.map(pad).join("  ")}`.trimEnd());
}
