import { spawn } from "node:child_process";
import { onCleanup } from "./scratch.ts";

const WAIT = "setInterval(() => {}, 1000)";

/** A real process that does nothing, to own a session: it lives until it is killed or the test ends. */
export function startSleeper(): { readonly pid: number; kill(): Promise<void> } {
  // A Node would take a tenth of a second of a core for each of them.
  const [program, ...args] = process.platform === "win32" ? [process.execPath, "-e", WAIT] : ["sleep", "3600"];
  const child = spawn(program, args, { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const kill = () => {
    child.kill("SIGKILL");
    return ended;
  };
  onCleanup(kill);
  if (child.pid === undefined) throw new Error("the process did not start");
  return { pid: child.pid, kill };
}
