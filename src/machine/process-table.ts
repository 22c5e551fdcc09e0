/** What the system tells of its processes: `/proc` on Linux, `ps` on other Unixes, little on Windows. */
import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";

/** One process as the system tells it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Opaque: tells this process from any other that had its number. */
  readonly startedAt: string;
  /** Device path of its controlling terminal; null without one. */
  readonly tty: string | null;
  /** First process of its terminal session; null where unknown. */
  readonly sessionLeader: number | null;
}

/** Looks a process up: null when there is none, `unknown` when the system does not tell. */
export type ProcessTable = (pid: number) => ProcessEntry | null | "unknown";

/** The table of this machine. */
export function systemProcessTable(): ProcessTable {
  if (process.platform === "linux") return readProcEntry;
  if (process.platform === "win32") return (pid) => (exists(pid) ? "unknown" : null);
  return psTable(runPs);
}

function readProcEntry(pid: number): ProcessEntry | null | "unknown" {
  try {
    return parseProcStat(readFileSync(`/proc/${pid}/stat`, "utf8"), procScope());
  } catch {
    // `hidepid` hides other users' processes, which are there all the same.
    return exists(pid) ? "unknown" : null;
  }
}

/** Whether a process has that number; it may be another user's. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/**
 * Where Linux process numbers and start times mean something: one boot, one process namespace. A container that
 * shares the directory sees other processes under the same numbers.
 */
function procScope(): string {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
  return `${boot}.${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`;
}

/**
 * Parses `/proc/<pid>/stat` (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html).
 * @returns null for a process that has ended and is only waited for
 */
export function parseProcStat(stat: string, scope: string): ProcessEntry | null {
  // The name stands in brackets and may hold brackets and spaces itself.
  const open = stat.indexOf("(");
  const close = stat.lastIndexOf(")");
  const fields = stat.slice(close + 2).split(" ");
  const [state = "", parent, , session, device] = fields;
  if (state === "Z" || state === "X") return null;
  return {
    pid: Number(stat.slice(0, open)),
    parent: Number(parent),
    name: stat.slice(open + 1, close),
    startedAt: `${scope}.${fields[19]}`,
    tty: terminalPath(Number(device)),
    sessionLeader: Number(session) || null,
  };
}

/** The device path of a Linux terminal number (https://www.kernel.org/doc/Documentation/admin-guide/devices.txt). */
function terminalPath(device: number): string | null {
  if (device === 0) return null;
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `/dev/pts/${minor + (major - 136) * 256}`;
  if (major === 4) return minor < 64 ? `/dev/tty${minor}` : `/dev/ttyS${minor - 64}`;
  return `/dev/char/${major}:${minor}`;
}

function runPs(): string {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,tty=,lstart=,comm="], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** What `ps` tells of one process. @param columns such as `pgid` */
export function runPsOf(pid: number, columns: readonly string[]): string[] {
  const options = columns.flatMap((column) => ["-o", `${column}=`]);
  return execFileSync("ps", [...options, "-p", String(pid)], { encoding: "utf8" })
    .trim()
    .split(/\s+/);
}

const PS_LINE = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/;

/** @param list prints the processes: pid, parent, state, terminal, start time, program */
export function psTable(list: () => string): ProcessTable {
  let entries: Map<number, ProcessEntry> | "failed" | undefined;
  return (pid) => {
    if (entries === undefined) {
      try {
        entries = parsePs(list());
      } catch {
        entries = "failed";
      }
    }
    return entries === "failed" ? "unknown" : (entries.get(pid) ?? null);
  };
}

function parsePs(output: string): Map<number, ProcessEntry> {
  const rows = output.split("\n").flatMap((line) => {
    const [, pid, parent, state = "", terminal = "", started = "", program = ""] = PS_LINE.exec(line) ?? [];
    if (pid === undefined || state.startsWith("Z")) return [];
    const tty = /^[-?]+$/.test(terminal) ? null : `/dev/${terminal}`;
    const name = program.slice(program.lastIndexOf("/") + 1);
    return [{ pid: Number(pid), parent: Number(parent), name, startedAt: started.replace(/\s+/g, " "), tty, state }];
  });
  const leaders = new Map(rows.filter((row) => row.tty && row.state.includes("s")).map((row) => [row.tty, row.pid]));
  return new Map(
    rows.map(({ state: _, ...row }) => [row.pid, { ...row, sessionLeader: leaders.get(row.tty) ?? null }]),
  );
}
