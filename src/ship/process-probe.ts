import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { ProcessIdentity, ProcessProbe } from "./lock.ts";

/** Milliseconds that `ps` may take. */
const PS_TIMEOUT_MS = 3_000;

/** The processes of this machine. */
export const systemProcesses: ProcessProbe = {
  self: () => ({ host: hostname(), pid: process.pid, startTime: startTimeOf(process.pid) }),
  isAlive(owner: ProcessIdentity) {
    // A clone can lie on a shared disk: another machine's processes cannot be seen from here.
    if (owner.host !== hostname()) return "unknown";
    if (!exists(owner.pid)) return false;
    const startTime = startTimeOf(owner.pid);
    if (owner.startTime === null || startTime === null) return "unknown";
    return startTime === owner.startTime;
  },
};

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it is there, but another user's.
    return (thrown as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** When a process started, in the system's own notation; null where that cannot be found out. */
function startTimeOf(pid: number): string | null {
  try {
    if (process.platform === "linux") {
      // Field 22, counted behind the command's name, which may itself hold blanks and brackets (proc(5)).
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
    }
    if (process.platform === "win32") return null;
    const options = { encoding: "utf8" as const, timeout: PS_TIMEOUT_MS, env: { ...process.env, LC_ALL: "C" } };
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], options).trim() || null;
  } catch {
    return null;
  }
}
