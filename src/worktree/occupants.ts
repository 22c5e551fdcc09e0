import { readdirSync, readlinkSync } from "node:fs";
import { basename, sep } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { readLine } from "../files/read-file.ts";
import { resolveLinks } from "../files/same-path.ts";
import { runProgramSync } from "../git/git-sync.ts";

/** A process that works in a directory. */
export interface Occupant {
  readonly pid: number;
  readonly name: string;
}

/** Where each process works that can be looked at; null when the system does not tell. */
export type WorkingDirectories = ReadonlyMap<number, string> | null;

/**
 * Reads the current directory of each process but this one. Linux tells by `/proc`, other Unixes by `lsof`; Windows tells
 * nothing, but does not let a directory go that a process is in.
 */
export function readWorkingDirectories(): WorkingDirectories {
  if (process.platform === "linux") return directoriesByProc();
  return process.platform === "win32" ? null : directoriesByLsof();
}

/**
 * Processes with their current directory inside, other than this one and what only started it (`git` and its shell, a
 * package manager), which end with it. The shell at which the command was typed counts, and so does an agent that runs it.
 * @param directories as they are now, unless told
 * @returns null when the system does not tell
 */
export function findOccupants(directory: string, directories = readWorkingDirectories()): Occupant[] | null {
  if (directories === null) return null;
  // The system tells current directories without links in them: resolving the one asked about is enough.
  const top = resolveLinks(directory);
  const inside = [...directories].filter(([, cwd]) => cwd === top || cwd.startsWith(`${top}${sep}`));
  if (inside.length === 0) return [];
  const own = startersOf(relativeOf);
  return inside.filter(([pid]) => !own.has(pid)).map(([pid]) => ({ pid, name: nameOf(pid) }));
}

/** A process among others. */
interface Relative {
  readonly name: string;
  readonly parent: number;
}

/** Programs that do nothing but start another one and wait for it. */
const STARTER = /^(?:git|npm|npx|pnpm|yarn|bunx?)(?: |$)/;
const SHELL = /^(?:sh|dash|ash|bash|busybox)$/;

/** This process and those above it that only started it: starters, and the shells that those start it with. */
function startersOf(look: (pid: number) => Relative | null): Set<number> {
  const own = new Set([process.pid]);
  let above = look(process.pid)?.parent ?? 0;
  for (let place = look(above); place !== null && !own.has(above); place = look(above)) {
    const starts = STARTER.test(place.name);
    const byStarter = SHELL.test(place.name) && STARTER.test(look(place.parent)?.name ?? "");
    if (!starts && !byStarter) break;
    own.add(above);
    above = place.parent;
  }
  return own;
}

/** Null for one that has just ended, or that the system hides. */
function relativeOf(pid: number): Relative | null {
  if (process.platform !== "linux") {
    const answer = runProgramSync("ps", ["-o", "ppid=,comm=", "-p", String(pid)], { timeout: 5_000 });
    const [, parent, program] = (answer.ran ? /^\s*(\d+)\s+(.+)$/m.exec(answer.stdout) : null) ?? [];
    return program === undefined ? null : { name: basename(program.trim()), parent: Number(parent) };
  }
  try {
    // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name stands in brackets; state and parent follow.
    const [, name, parent] = /^\d+ \((.*)\) \S (\d+) /s.exec(readLine(`/proc/${pid}/stat`) ?? "") ?? [];
    return name === undefined ? null : { name, parent: Number(parent) };
  } catch {
    return null;
  }
}

function directoriesByProc(): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      found.set(Number(name), readlinkSync(`/proc/${name}/cwd`));
    } catch {
      // Another user's process, or one that has just ended.
    }
  }
  return found;
}

/** Parses `lsof -Fpn`: a line for each field, its first letter says which. */
function directoriesByLsof(): WorkingDirectories {
  const answer = runProgramSync("lsof", ["-a", "-d", "cwd", "-Fpn"], { timeout: 20_000 });
  if (!answer.ran) return null;
  const found = new Map<number, string>();
  let pid = 0;
  for (const line of answer.stdout.split("\n")) {
    if (line.startsWith("p")) pid = Number(line.slice(1));
    else if (line.startsWith("n") && pid !== process.pid) found.set(pid, line.slice(1));
  }
  return found;
}

function nameOf(pid: number): string {
  if (process.platform === "linux") return readLine(`/proc/${pid}/comm`) ?? "?";
  const answer = runProgramSync("ps", ["-o", "comm=", "-p", String(pid)], { timeout: 5_000 });
  return answer.ran && answer.exitCode === 0 ? basename(answer.stdout.trim()) : "?";
}

/** Milliseconds between two looks at whether the programs of a command that was killed have ended. */
const LOOK_MS = 50;
/** Milliseconds after which they are no longer waited for. */
const PATIENCE_MS = 120_000;

/** Waits until no git works in a directory any more: one whose parent was killed goes on alone, and would write into what is cleared. */
export async function waitForGit(directory: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  const isAtWork = () => findOccupants(directory)?.some(({ name }) => /^git\b/.test(name)) ?? false;
  while (isAtWork() && Date.now() < until) await pause(LOOK_MS);
}
