/** Terminal and machine identity: the one place that makes them. The agent's session id is no part of either. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Terminal } from "../domain/session.ts";
import { sha256 } from "../domain/sha256.ts";

const HASH_LENGTH = 12;

function hash(text: string): string {
  return sha256(text).slice(0, HASH_LENGTH);
}

/** Names this machine: its host name, with what tells machines of one name apart. Hashed, as the machine id is private. */
export function machineIdentity(hostname: string): string {
  return hash(`${hostname}\0${readMachineId()}`);
}

function readMachineId(): string {
  try {
    return readFileSync("/etc/machine-id", "utf8").trim();
  } catch {
    return "";
  }
}

/**
 * The terminal that a command was typed into.
 * @param tty device path of the controlling terminal, which there is also when stdin is a pipe; null for none
 * @param parent the command's parent process, which stands for a terminal where there is none
 */
export function terminalIdentity(machineId: string, tty: string | null, parent: number): Terminal {
  const id = terminalId(tty, parent);
  // Every console of a Windows logon has the same number: its process tells consoles apart.
  const place = id.startsWith("win-session-") ? `${id}:${parent}` : id;
  return { id, identity: `${machineId}:${place}`, tty };
}

function terminalId(tty: string | null, parent: number): string {
  if (tty !== null) return `tty-${hash(tty)}`;
  const session = process.platform === "win32" ? windowsSession() : null;
  return session === null ? `win-ppid-${parent}` : `win-session-${session}`;
}

function windowsSession(): string | null {
  try {
    const query = `(Get-Process -Id ${process.pid}).SessionId`;
    const answer = execFileSync("powershell", ["-NoProfile", "-NonInteractive", "-Command", query], {
      encoding: "utf8",
      timeout: 3000,
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    return /^\d+$/.test(answer) ? answer : null;
  } catch {
    return null;
  }
}
