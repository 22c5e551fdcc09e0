import { fileURLToPath } from "node:url";
import { createGround, type TestRepository } from "../test/support/repository.ts";
import { startSleeper } from "../test/support/sleeper.ts";
import type { Comparison, Contender } from "./harness/comparison.ts";
import { processorTimes } from "./harness/processor-time.ts";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const TURNS = 5;
const ROUNDS = 9;
const MANY_REFS = 10_000;

/** The commands of every day beside a bare start of Node: whole processes, in processor time. */
export function bench(): Comparison[] {
  return [everyDay(), others(), manyRefs()];
}

const NODE = "node -e 0";

/** A clone whose session works in it, as after a morning. */
function ground(refs = 10): { clone: TestRepository; command: (...words: string[]) => string[] } {
  const { clone } = createGround();
  const head = clone.head();
  const lines = Array.from({ length: refs }, (_, i) => `create refs/heads/b${i} ${head}\n`).join("");
  clone.run("git", ["update-ref", "--stdin"], { input: lines });
  if (refs > 10) clone.git("pack-refs", "--all");
  clone.bulkhead(["init", "--no-scripts"]);
  clone.git("switch", "-q", "-c", "feat/bench");
  const owner = ["--pid", String(startSleeper().pid)];
  const command = (...words: string[]) => [process.execPath, CLI, ...words, ...owner];
  clone.run(process.execPath, command("start", "BENCH-1").slice(1));
  return { clone, command };
}

function everyDay(): Comparison {
  const { clone, command } = ground();
  const bars = { heartbeat: 1.8, sessions: 1.8, release: 1.8, status: 2.2, start: 2.2 };
  const commands = {
    [NODE]: [process.execPath, "-e", "0"],
    heartbeat: command("heartbeat"),
    // It speaks for nobody.
    sessions: command("sessions").slice(0, -2),
    status: command("status"),
    release: command("release"),
    // What was released, and so each of the two has something to do.
    start: command("start", "BENCH-1"),
  };
  return {
    title: "commands of every day, processor time",
    contenders: inTurns(clone, commands),
    rounds: ROUNDS,
    bars: Object.entries(bars).map(([of, most]) => ({ of, than: NODE, most })),
  };
}

/** Without bars of their own here: figures to see what a change of how the program starts does to them. */
function others(): Comparison {
  const { clone, command } = ground();
  const commands = {
    [NODE]: [process.execPath, "-e", "0"],
    "--version": command("--version").slice(0, -2),
    recover: command("recover").slice(0, -2),
    "worktree --list": command("worktree", "--list").slice(0, -2),
  };
  return { title: "other commands, processor time", contenders: inTurns(clone, commands), rounds: 5, bars: [] };
}

function manyRefs(): Comparison {
  const [few, many] = [ground(), ground(MANY_REFS)];
  const among = (refs: number) => `status among ${refs} refs`;
  const contender = (refs: number, { clone, command }: ReturnType<typeof ground>): Contender => ({
    name: among(refs),
    sample: () => processorTimes(clone, { status: command("status") }, TURNS).status,
  });
  return {
    title: "status among refs, processor time",
    contenders: [contender(10, few), contender(MANY_REFS, many)],
    rounds: ROUNDS,
    bars: [{ of: among(MANY_REFS), than: among(10), most: 1.1 }],
  };
}

/** Contenders that are all measured by whichever of them is asked first in a round. */
function inTurns(clone: TestRepository, commands: Readonly<Record<string, readonly string[]>>): Contender[] {
  const measured = new Map<number, Record<string, number>>();
  const costs = (round: number) => {
    const found = measured.get(round) ?? processorTimes(clone, commands, TURNS);
    measured.set(round, found);
    return found;
  };
  return Object.keys(commands).map((name) => ({ name, sample: (round) => costs(round)[name] ?? Number.NaN }));
}
