import { readFileSync } from "node:fs";
import { branchName } from "../domain/ref-names.ts";
import { readText } from "../files/read-file.ts";
import { gitCommandName } from "../git/command-line.ts";
import { runProgramSync } from "../git/git-sync.ts";

/**
 * The words of the git command that runs the hook; null where the system does not tell. Evidence for messages and
 * for what a fetch may do, never the only ground for letting something pass that was made here.
 * @param pid process id of that git, as sh knows it (`$PPID`)
 */
export function callingGit(pid: string | undefined): string[] | null {
  if (pid === undefined || !/^\d+$/.test(pid)) return null;
  try {
    // Also in the Cygwin layer of Git for Windows, for its own processes.
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replace(/\0$/, "").split("\0");
  } catch {
    const answer = runProgramSync("ps", ["-o", "args=", "-p", pid]);
    return answer.ran && answer.exitCode === 0 ? answer.stdout.trim().split(/\s+/) : null;
  }
}

/**
 * When a process started, in clock ticks since boot: with its id that names it for good. Null where the system does not tell
 * (field 22 of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html).
 */
export function processStart(pid: string): string | null {
  const stat = readText(`/proc/${pid}/stat`) ?? "";
  return stat.slice(stat.lastIndexOf(") ") + 2).split(" ")[19] ?? null;
}

/**
 * What the words after `git fetch` say: the remote, and the branches that are fetched into branches of the same name.
 * An option's value that stands alone is taken for the remote, which then is none: that errs on the safe side.
 */
export function readFetch(words: readonly string[]): { remote: string; follows: string[] } {
  const [remote = "", ...refspecs] = words.filter((word) => !word.startsWith("-"));
  const follows = refspecs.flatMap((refspec) => {
    const [from, to] = refspec.replace(/^\+/, "").split(":").map(branchName);
    return from !== undefined && from === to ? [from] : [];
  });
  return { remote, follows };
}

/** The branch that `git branch -m <from> <to>` renames; null for any other command, and where the branch is not named. */
export function readRename(words: readonly string[] | null): string | null {
  if (words === null || callingCommand(words) !== "branch") return null;
  const rest = words.slice(words.indexOf("branch") + 1);
  const moves = rest.some((word) => word === "--move" || /^-[a-zA-Z]*[mM][a-zA-Z]*$/.test(word));
  const [from, to] = rest.filter((word) => !word.startsWith("-"));
  return moves && to !== undefined ? (from ?? null) : null;
}

/** The sub-command that runs the hook (`fetch`, `commit` …); empty when unknown. */
export function callingCommand(words: readonly string[] | null): string {
  const [program = "", ...args] = words ?? [];
  const name = program.split(/[\\/]/).at(-1) ?? "";
  return name.startsWith("git-") ? name.slice("git-".length) : gitCommandName(args);
}
