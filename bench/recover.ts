import type { TestRepository } from "../test/support/repository.ts";
import type { Comparison } from "./harness/comparison.ts";
import { type MadeHistory, madeHistory } from "./harness/made-history.ts";

const COMMITS = 200_000;
/** Some 5,000 log entries, in nine worktrees. */
const WORKS = 1_700;
/** All of the month that the works lie in. */
const WINDOW = ["--hours", "2000"] as const;
const ROUNDS = 5;
const SCAN = "bulkhead recover";
const WALK = "git rev-list --reflog --not --all, and node -e 0";

/**
 * What finding and judging lost commits costs, beside the one plumbing command that it cannot do without and a start of Node.
 * Before anything is measured the answers are held against what is known of the history.
 */
export function bench(): Comparison[] {
  const plain = madeHistory({ commits: COMMITS, works: WORKS, commitGraph: false });
  const indexed = madeHistory({ commits: COMMITS, works: WORKS, commitGraph: true });
  const clean = madeHistory({ commits: COMMITS, works: 0, commitGraph: false });
  const small = madeHistory({ commits: COMMITS / 10, works: WORKS, commitGraph: false });
  for (const history of [plain, indexed, small]) checkTruth(history);
  return [
    beside(plain.repository, "no commit-graph", 2.5, WINDOW),
    beside(indexed.repository, "with a commit-graph", 3, WINDOW),
    beside(clean.repository, "nothing lost", 2, []),
    deep(plain.repository),
    memory(small.repository, plain.repository),
  ];
}

/** @throws Error when a lost commit was not found, or another one was called lost */
function checkTruth({ repository, lost, superseded }: MadeHistory): void {
  const { commits } = JSON.parse(scan(repository, WINDOW)) as { commits: { sha: string; verdict: string }[] };
  const found = new Set(commits.flatMap(({ sha, verdict }) => (verdict === "lost" ? [sha] : [])));
  const missed = [...lost].filter((sha) => !found.has(sha));
  const wrong = [...superseded].filter((sha) => found.has(sha));
  if (missed.length + wrong.length === 0 && found.size === lost.size) return;
  throw new Error(`${missed.length} lost commits were not found, ${wrong.length} superseded ones were called lost`);
}

function beside(repository: TestRepository, title: string, most: number, args: readonly string[]): Comparison {
  const walk = () => timed(() => repository.git("rev-list", "--reflog", "--not", "--all"));
  const node = () => timed(() => repository.run(process.execPath, ["-e", "0"]));
  return {
    title: `recover, ${COMMITS.toLocaleString("en")} commits, ${title}`,
    contenders: [
      { name: WALK, sample: () => walk() + node() },
      { name: SCAN, sample: () => timed(() => scan(repository, args)) },
    ],
    rounds: ROUNDS,
    bars: [{ of: SCAN, than: WALK, most }],
  };
}

function deep(repository: TestRepository): Comparison {
  const [name, peer] = ["bulkhead recover --deep", "git fsck --unreachable --no-reflogs"];
  return {
    title: `recover --deep, ${COMMITS.toLocaleString("en")} commits`,
    contenders: [
      { name: peer, sample: () => timed(() => repository.git("fsck", "--unreachable", "--no-reflogs")) },
      { name, sample: () => timed(() => scan(repository, [...WINDOW, "--deep"])) },
    ],
    rounds: 1,
    bars: [{ of: name, than: peer, most: 0.2 }],
  };
}

/** The largest resident size of the scan's own process. */
function memory(small: TestRepository, large: TestRepository): Comparison {
  const name = (repository: TestRepository) => `memory at ${repository === small ? COMMITS / 10 : COMMITS} commits`;
  return {
    title: "recover, memory",
    unit: "MB",
    contenders: [small, large].map((repository) => ({ name: name(repository), sample: () => resident(repository) })),
    rounds: 3,
    bars: [{ of: name(large), than: name(small), most: 3 }],
  };
}

/** Measured by the process itself, as it ends. */
function resident(repository: TestRepository): number {
  const report = "process.on('exit',()=>process.stderr.write('rss '+process.resourceUsage().maxRSS))";
  const preload = `data:text/javascript,${encodeURIComponent(report)}`;
  const options = { env: { ...repository.env, NODE_OPTIONS: `--import=${preload}` } };
  const { stderr } = repository.bulkhead(["recover", "--json", ...WINDOW], options);
  const [, kilobytes] = /rss (\d+)/.exec(stderr) ?? [];
  if (kilobytes === undefined) throw new Error(`no size was told: ${stderr}`);
  return Number(kilobytes) / 1024;
}

function scan(repository: TestRepository, args: readonly string[]): string {
  const { exitCode, stderr, stdout } = repository.bulkhead(["recover", "--json", ...args]);
  if (exitCode !== 0) throw new Error(`recover exited ${exitCode}: ${stderr}`);
  return stdout;
}

function timed(act: () => unknown): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}
