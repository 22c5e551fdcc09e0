/** A long history with the traces of a month of work, written as files: what is lost in it is known beforehand. */
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createGround, type TestRepository } from "../../test/support/repository.ts";

/** What one piece of work came to. */
const FATES = [
  "amended",
  "rebased",
  "squashed",
  "picked",
  "amended",
  "amended then lost",
  "amended",
  "dropped",
] as const;
const WORKTREES = 8;
/** Work lies behind the history that it was done on: nobody's clock was wrong. */
const MONTH = 32 * 86_400;

export interface MadeHistory {
  readonly repository: TestRepository;
  readonly lost: ReadonlySet<string>;
  readonly superseded: ReadonlySet<string>;
}

interface Work {
  readonly fate: (typeof FATES)[number];
  readonly at: number;
  /** Marks of its commits; later forms behind earlier ones. */
  readonly marks: readonly number[];
}

/**
 * @param commits on the base @param works pieces of work of the last month, spread over nine worktrees
 * @param commitGraph whether git's own index of commits is there, as after `git gc`
 */
export function madeHistory(options: { commits: number; works: number; commitGraph: boolean }): MadeHistory {
  const { clone } = createGround();
  const now = Math.floor(Date.now() / 1000);
  clone.git("config", "gc.auto", "0");
  importBase(clone, options.commits, now);
  const base = clone.head();
  for (let i = 1; i <= WORKTREES; i++)
    clone.git("worktree", "add", "-q", "--no-checkout", "--detach", `../w${i}`, base);
  const works = Array.from({ length: options.works }, (_, i): Work => {
    const fate = FATES[i % FATES.length] ?? "amended";
    return { fate, at: now - (options.works - i) * 1500, marks: [1, 2, 3].map((n) => 3 * i + n) };
  });
  const shas = importWorks(clone, base, works);
  writeLogs(clone, base, works, shas);
  clone.git("repack", "-q", "-a", "-d", "-k");
  if (options.commitGraph) clone.git("commit-graph", "write", "--reachable");
  return { repository: clone, ...truthOf(works, shas) };
}

function importBase(clone: TestRepository, commits: number, now: number): void {
  const history = Array.from({ length: commits }, (_, i) => {
    const parent = i === 0 ? "from refs/heads/main^0\n" : "";
    const path = `dir${i % 50}/f${i % 400}`;
    return entry("refs/heads/main", i + 1, now - MONTH - (commits - i) * 600, `c${i}`, parent, [[path, `${i}\n`]]);
  });
  clone.run("git", ["fast-import", "--quiet"], { input: history.join("") });
  clone.git("reset", "-q", "--hard");
}

/** Each form of a piece of work gets a branch of its own; those that are gone afterwards are deleted. */
function importWorks(clone: TestRepository, base: string, works: readonly Work[]): ReadonlyMap<number, string> {
  const input = works.flatMap(({ fate, at, marks: [one = 0, two = 0, three = 0] }, i) => {
    const path = `dir${i % 50}/f${i % 400}`;
    const change = (version: string): [string, string][] => [[path, `work ${i} ${version}\n`]];
    const more: [string, string] = [`more/${i}`, `more ${i}\n`];
    const ref = (n: number) => `refs/heads/work/${n}/${i}`;
    const first = entry(ref(1), one, at, `work ${i}`, `from ${base}\n`, change("1"));
    if (fate === "dropped") return [first];
    if (fate === "squashed") {
      const second = entry(ref(1), two, at + 60, `more ${i}`, `from :${one}\n`, [more]);
      return [first, second, entry(ref(2), three, at + 90, `all of ${i}`, `from ${base}~1\n`, [...change("1"), more])];
    }
    const amended = fate.startsWith("amended");
    const onto = amended ? base : `${base}~${2 + (i % 5)}`;
    const second = entry(ref(2), two, at, `work ${i}`, `from ${onto}\n`, [...change(amended ? "2" : "1")], at + 60);
    return [first, second];
  });
  const marks = join(clone.path, ".git", "marks");
  clone.run("git", ["fast-import", "--quiet", `--export-marks=${marks}`], { input: input.join("") });
  const gone = works.flatMap(({ fate }, i) => [
    `delete refs/heads/work/1/${i}\n`,
    fate === "amended then lost" ? `delete refs/heads/work/2/${i}\n` : "",
  ]);
  clone.run("git", ["update-ref", "--stdin"], { input: gone.join("") });
  const lines = clone.read(".git/marks").trim().split("\n");
  return new Map(lines.map((line) => [Number(line.slice(1).split(" ")[0]), line.split(" ")[1] ?? ""]));
}

/** The logs of nine worktrees, in turn. */
function writeLogs(
  clone: TestRepository,
  base: string,
  works: readonly Work[],
  shas: ReadonlyMap<number, string>,
): void {
  const logs = Array.from({ length: WORKTREES + 1 }, (): string[] => []);
  for (const [i, { fate, at, marks }] of works.entries()) {
    const [one = "", two = "", three = ""] = marks.map((mark) => shas.get(mark));
    let last = base;
    const move = (to: string, act: string) => {
      logs[i % logs.length]?.push(`${last} ${to} Ada Tester <ada@example.test> ${at + 60} +0000\t${act}\n`);
      last = to;
    };
    move(one, `commit: work ${i}`);
    if (fate.startsWith("amended")) move(two, `commit (amend): work ${i}`);
    if (fate === "squashed") move(two, `commit: more ${i}`);
    if (fate === "picked") move(two, `cherry-pick: work ${i}`);
    if (fate === "rebased") {
      move(base, "rebase (start): checkout main");
      move(two, `rebase (pick): work ${i}`);
    }
    if (fate === "squashed") move(three, `commit: all of ${i}`);
    move(base, "reset: moving to main");
  }
  for (const [i, log] of logs.entries()) {
    const gitDir = i === 0 ? ".git" : `.git/worktrees/w${i}`;
    mkdirSync(join(clone.path, gitDir, "logs"), { recursive: true });
    appendFileSync(join(clone.path, gitDir, "logs/HEAD"), log.join(""));
  }
}

function truthOf(works: readonly Work[], shas: ReadonlyMap<number, string>) {
  const [lost, superseded] = [new Set<string>(), new Set<string>()];
  for (const { fate, marks } of works) {
    const [one = "", two = ""] = marks.map((mark) => shas.get(mark));
    if (fate === "dropped") lost.add(one);
    else superseded.add(one);
    if (fate === "amended then lost") lost.add(two);
    if (fate === "squashed") superseded.add(two);
  }
  return { lost, superseded };
}

function entry(
  ref: string,
  mark: number,
  at: number,
  subject: string,
  from: string,
  files: readonly (readonly [path: string, content: string])[],
  committed = at,
): string {
  const who = (seconds: number) => `Ada Tester <ada@example.test> ${seconds} +0000`;
  const message = `mark :${mark}\nauthor ${who(at)}\ncommitter ${who(committed)}\ndata ${subject.length}\n${subject}\n`;
  const changes = files.map(([path, content]) => `M 644 inline ${path}\ndata ${content.length}\n${content}\n`);
  return `commit ${ref}\n${message}${from}${changes.join("")}\n`;
}
