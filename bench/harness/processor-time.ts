import { spawnSync } from "node:child_process";
import type { TestRepository } from "../../test/support/repository.ts";

/**
 * What programs cost in milliseconds of processor time, with all that they start: on a busy machine the clock tells of
 * others. They are run in turns, so that whatever else the machine does falls on all of them alike.
 * @param commands argument lists by name; each has to exit 0
 * @param turns how often each is run; the system counts in steps of some milliseconds
 * @returns milliseconds of one run, by name
 */
export function processorTimes<Name extends string>(
  repository: TestRepository,
  commands: Readonly<Record<Name, readonly string[]>>,
  turns: number,
): Record<Name, number> {
  const names = Object.keys(commands) as Name[];
  const body = names.map((name) => `${commands[name].map(quoted).join(" ")} >/dev/null || exit 1\ntimes`).join("\n");
  const script = `i=0\nwhile [ $i -lt ${turns} ]; do\n${body}\ni=$((i + 1))\ndone`;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script], {
    cwd: repository.path,
    env: repository.env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`one of ${names.join(", ")} failed:\n${stderr}`);
  // Each \`times\` prints the shell's own time, then that of its children so far.
  const totals = stdout
    .trim()
    .split("\n")
    .flatMap((line, i) => (i % 2 === 1 ? [milliseconds(line)] : []));
  const spent = (at: number) => (totals[at] ?? Number.NaN) - (at === 0 ? 0 : (totals[at - 1] ?? Number.NaN));
  const cost = (index: number) =>
    Array.from({ length: turns }, (_, turn) => spent(turn * names.length + index)).reduce((sum, one) => sum + one, 0);
  return Object.fromEntries(names.map((name, index) => [name, cost(index) / turns])) as Record<Name, number>;
}

/** `0m0.120s 0m0.040s`: user and system. */
function milliseconds(line: string): number {
  return [...line.matchAll(/(\d+)m([\d.,]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds?.replace(",", ".")) * 1000,
    0,
  );
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
