// npm run bench -- [name…] [--json]: every bench in this directory, or those named. Exits 1 when a bar is missed.
import { existsSync, readdirSync } from "node:fs";
import { basename, delimiter } from "node:path";
import { parseArgs } from "node:util";
import { removeScratch } from "../test/support/scratch.ts";
import { type Bench, measure, type Outcome } from "./harness/comparison.ts";
import { format, machine } from "./harness/report.ts";

const { values, positionals } = parseArgs({ options: { json: { type: "boolean" } }, allowPositionals: true });
const all = readdirSync(new URL(".", import.meta.url))
  .filter((file) => file.endsWith(".ts") && file !== "run.ts")
  .map((file) => basename(file, ".ts"))
  .sort();
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`No bench is called ${unknown.join(", ")}. There are: ${all.join(", ")}.\n`);
  process.exit(2);
}

// `npm run` puts node_modules/.bin on the PATH, where hooks outside npm do not find it: peers would be started another way.
process.env.PATH = process.env.PATH?.split(delimiter)
  .filter((entry) => !entry.includes("node_modules") && !entry.includes("node-gyp-bin"))
  .join(delimiter);

// Repositories lie in memory where there is a place for that: the disk is not what is measured, and it is what varies most.
if (process.env.TMPDIR === undefined && existsSync("/dev/shm")) process.env.TMPDIR = "/dev/shm";

const outcomes: (Outcome & { bench: string })[] = [];
if (!values.json) process.stdout.write(`${machine()}\n\n`);
for (const name of positionals.length > 0 ? positionals : all) {
  const { bench } = (await import(`./${name}.ts`)) as { bench: Bench };
  for (const comparison of await bench()) {
    const outcome = { bench: name, ...(await measure(comparison)) };
    outcomes.push(outcome);
    if (!values.json) process.stdout.write(`${format(outcome)}\n`);
  }
  await removeScratch();
  if (!values.json) process.stdout.write(`  again: npm run bench -- ${name}\n\n`);
}
const passed = outcomes.every(({ bars }) => bars.every((bar) => bar.passed));
if (values.json) process.stdout.write(`${JSON.stringify({ machine: machine(), passed, outcomes }, null, 2)}\n`);
else process.stdout.write(`${verdict(outcomes.flatMap(({ bars }) => bars))}\n`);
process.exitCode = passed ? 0 : 1;

function verdict(bars: Outcome["bars"]): string {
  if (bars.length === 0) return "No bar was measured.";
  return bars.every((bar) => bar.passed) ? "Every bar is met." : "A bar is missed.";
}
