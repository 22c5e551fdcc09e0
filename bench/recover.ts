import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { createGround, type TestRepository } from "../test/support/repository.ts";
import type { Comparison } from "./harness/comparison.ts";

const COMMITS = 20_000;
/** Each is logged by three entries. */
const REWRITTEN = 1_700;
const LOST_EVERY = 10;
const ROUNDS = 7;

/** What a scan of 5,000 reflog entries costs, beside the one plumbing command that it cannot do without and a start of Node. */
export function bench(): Comparison[] {
  return [false, true].map((commitGraph) => {
    const repository = createHistory();
    if (commitGraph) repository.git("commit-graph", "write", "--reachable");
    const node = () => timed(() => repository.run(process.execPath, ["-e", "0"]));
    const walk = () => timed(() => repository.git("rev-list", "--reflog", "--not", "--all"));
    return {
      title: `recover, ${COMMITS.toLocaleString("en")} commits, ${commitGraph ? "with a" : "no"} commit-graph`,
      contenders: [
        { name: "git rev-list --reflog --not --all, and node -e 0", sample: () => walk() + node() },
        { name: "bulkhead recover", sample: () => timed(() => scan(repository)) },
      ],
      rounds: ROUNDS,
      // No bar yet: a scan still costs more than it is meant to, here and at 200,000 commits. These are figures to improve on.
      bars: [],
    };
  });
}

function scan(repository: TestRepository): void {
  const { exitCode, stderr } = repository.bulkhead(["recover", "--json"]);
  if (exitCode !== 0) throw new Error(`recover exited ${exitCode}: ${stderr}`);
}

function timed(act: () => unknown): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}

/** A long history, and commits of the last month that were amended, or reset away. */
function createHistory(): TestRepository {
  const { clone } = createGround();
  const now = Math.floor(Date.now() / 1000);
  const history = Array.from({ length: COMMITS }, (_, i) => {
    const parent = i === 0 ? "from refs/heads/main^0\n" : "";
    return entry(
      `refs/heads/main`,
      i + 1,
      now - (COMMITS - i) * 600,
      `c${i}`,
      parent,
      `dir${i % 50}/f${i % 400}`,
      `${i}\n`,
    );
  });
  clone.run("git", ["fast-import", "--quiet"], { input: history.join("") });
  clone.git("reset", "-q", "--hard");
  const base = clone.head();
  const times = Array.from({ length: REWRITTEN }, (_, i) => now - (REWRITTEN - i) * 1500);
  const side = (i: number, version: number) =>
    entry(
      `refs/heads/side/${version}/${i}`,
      2 * i + version,
      times[i] ?? now,
      `work ${i}`,
      `from ${base}\n`,
      `dir${i % 50}/f${i % 400}`,
      `${i} ${version}\n`,
    );
  const marks = join(clone.path, ".git", "marks");
  const commits = times.flatMap((_, i) => [side(i, 1), side(i, 2)]);
  clone.run("git", ["fast-import", "--quiet", `--export-marks=${marks}`], { input: commits.join("") });
  const shas = new Map(
    clone
      .read(".git/marks")
      .trim()
      .split("\n")
      .map((line) => line.slice(1).split(" ") as [string, string]),
  );
  const dropped = times.flatMap((_, i) => [
    `delete refs/heads/side/1/${i}\n`,
    i % LOST_EVERY === 0 ? `delete refs/heads/side/2/${i}\n` : "",
  ]);
  clone.run("git", ["update-ref", "--stdin"], { input: dropped.join("") });
  const lines = times.flatMap((at, i) => {
    const [first = "", second = ""] = [shas.get(String(2 * i + 1)), shas.get(String(2 * i + 2))];
    const line = (before: string, after: string, act: string) =>
      `${before} ${after} Ada <ada@example.test> ${at} +0000\t${act}\n`;
    return [
      line(base, first, "commit: work"),
      line(first, second, "commit (amend): work"),
      line(second, base, "reset: moving to main"),
    ];
  });
  appendFileSync(join(clone.path, ".git/logs/HEAD"), lines.join(""));
  clone.git("repack", "-q", "-a", "-d", "-k");
  return clone;
}

function entry(
  ref: string,
  mark: number,
  at: number,
  subject: string,
  from: string,
  path: string,
  content: string,
): string {
  const who = `Ada <ada@example.test> ${at} +0000`;
  const message = `mark :${mark}\nauthor ${who}\ncommitter ${who}\ndata ${subject.length}\n${subject}\n`;
  return `commit ${ref}\n${message}${from}M 644 inline ${path}\ndata ${content.length}\n${content}\n`;
}
