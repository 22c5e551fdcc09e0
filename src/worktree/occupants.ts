import { readdirSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { readLine } from "../files/read-file.ts";
import { isInside, resolveLinks } from "../files/same-path.ts";
import { runProgramSync } from "../git/git-sync.ts";

/** A process that works in a directory. */
export interface Occupant {
  readonly pid: number;
  readonly name: string;
}

/**
 * Processes with their current directory inside, other than this one. Linux tells by `/proc`, other Unixes by `lsof`;
 * Windows tells nothing, but does not let a directory go that a process is in.
 * @returns null when the system does not tell
 */
export function findOccupants(directory: string): Occupant[] | null {
  if (process.platform === "linux") return occupantsByProc(directory);
  return process.platform === "win32" ? null : occupantsByLsof(directory);
}

function occupantsByProc(directory: string): Occupant[] {
  // The system tells current directories without links in them: resolving the one asked about is enough.
  const top = resolveLinks(directory);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name): Occupant[] => {
      try {
        const cwd = readlinkSync(`/proc/${name}/cwd`);
        if (cwd !== top && !cwd.startsWith(`${top}/`)) return [];
        return [{ pid: Number(name), name: readLine(`/proc/${name}/comm`) ?? "?" }];
      } catch {
        // Another user's process, or one that has just ended.
        return [];
      }
    });
}

/** Parses `lsof -Fpcn`: a line for each field, its first letter says which. */
function occupantsByLsof(directory: string): Occupant[] | null {
  const answer = runProgramSync("lsof", ["-a", "-d", "cwd", "-Fpcn"], { timeout: 20_000 });
  if (!answer.ran) return null;
  const occupants: Occupant[] = [];
  let current: Occupant = { pid: 0, name: "" };
  for (const line of answer.stdout.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) current = { pid: Number(value), name: "" };
    else if (line.startsWith("c")) current = { ...current, name: basename(value) };
    else if (line.startsWith("n") && current.pid !== process.pid && isInside(value, directory)) occupants.push(current);
  }
  return occupants;
}
